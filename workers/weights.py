"""Weights that users bring along, kept in the store under their digest and on this machine in a cache."""

from pathlib import Path

from api_client.contract import keys
from api_client.contract.digest import file_sha256
from api_client.errors import IntegrityError
from api_client.store import ObjectStore


def fetch_weights(digest: str, store: ObjectStore, cache_dir: Path) -> Path:
    """Return a local file whose sha256 is `digest`, downloading it unless it is there.

    Raises `ObjectNotFoundError` where the store lacks it, `IntegrityError` where its bytes are others.
    """
    path = cache_dir / "weights" / digest
    if path.exists() and file_sha256(path) == digest:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    store.get_file(keys.weights(digest), path)
    if (found := file_sha256(path)) != digest:
        path.unlink()
        raise IntegrityError(
            f"the weights stored as {keys.weights(digest)} have the sha256 {found}: submit with them again"
        )
    return path
