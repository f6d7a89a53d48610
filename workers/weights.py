"""Weights that users bring along, kept in the store under their digest and on this machine in a cache."""

import time
from pathlib import Path

from api_client.contract import keys
from api_client.contract.digest import file_sha256
from api_client.errors import IntegrityError
from api_client.store import ObjectStore

_FileState = tuple[Path, int, int]
"""(path, size in bytes, time of the last change in nanoseconds)."""
_digests: dict[_FileState, str] = {}
"""What this process has hashed already: a checkpoint of 700 MB takes a second, and every chunk asks."""

_SETTLED_SECONDS = 2.0
"""A file changed more lately could change once more and keep its time."""


def fetch_weights(digest: str, store: ObjectStore, directory: Path) -> Path:
    """Return a file in the directory whose sha256 is `digest`, downloading it unless it is there.

    Raises `ObjectNotFoundError` where the store lacks it, `IntegrityError` where its bytes are others.
    """
    path = directory / digest
    if path.exists() and _digest_of(path) == digest:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    store.get_file(keys.weights(digest), path)
    if (found := _digest_of(path)) != digest:
        path.unlink()
        raise IntegrityError(
            f"the weights stored as {keys.weights(digest)} have the sha256 {found}: submit with them again"
        )
    return path


def _digest_of(path: Path) -> str:
    """Hash a file, once for each state it is seen in."""
    status = path.stat()
    state = (path, status.st_size, status.st_mtime_ns)
    if state in _digests:
        return _digests[state]
    digest = file_sha256(path)
    if time.time() - status.st_mtime > _SETTLED_SECONDS:
        _digests[state] = digest
    return digest
