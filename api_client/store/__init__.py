"""The object store: one protocol, a directory or S3 behind it."""

from api_client.store.open import open_store
from api_client.store.protocol import ObjectInfo, ObjectStore

__all__ = ["ObjectInfo", "ObjectStore", "open_store"]
