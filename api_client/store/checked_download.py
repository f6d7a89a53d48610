"""Downloads whose bytes are known beforehand."""

import time
from pathlib import Path

from api_client.contract.digest import file_sha256
from api_client.errors import ObjectNotFoundError
from api_client.store.protocol import ObjectStore

_DOWNLOADS = 3
_PAUSE_SECONDS = 1.0


def download_checked(store: ObjectStore, key: str, path: Path, sha256: str | None) -> bool:
    """Download an object; return whether its bytes are those expected.

    What arrives damaged is downloaded again, twice: a proxy or a network card may be to blame, and not the
    object. Raises `ObjectNotFoundError` where there is none.
    """
    for number in range(_DOWNLOADS):
        if number:
            time.sleep(_PAUSE_SECONDS)
        store.get_file(key, path)
        if file_sha256(path) == sha256:
            return True
    return False


def download_whole(store: ObjectStore, key: str, path: Path, sha256: str) -> bool:
    """As `download_checked`; False too where there is no object."""
    try:
        return download_checked(store, key, path, sha256)
    except ObjectNotFoundError:
        return False
