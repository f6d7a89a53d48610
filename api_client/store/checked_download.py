"""Downloads whose bytes are known beforehand."""

import time
from pathlib import Path
from typing import Protocol

from api_client.contract.digest import file_sha256
from api_client.errors import IntegrityError, ObjectNotFoundError
from api_client.store.protocol import ObjectStore

_DOWNLOADS = 3
_PAUSE_SECONDS = 1.0


class KnownBytes(Protocol):
    """What a document says of an object's bytes."""

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        ...

    @property
    def sha256(self) -> str:
        """Their digest."""
        ...


def download_checked(store: ObjectStore, key: str, path: Path, expected: KnownBytes) -> bool:
    """Download an object; return whether its bytes are those expected. No more of them are read.

    What arrives damaged is downloaded again, twice: a proxy or a network card may be to blame, and not the
    object. Raises `ObjectNotFoundError` where there is none.
    """
    for number in range(_DOWNLOADS):
        if number:
            time.sleep(_PAUSE_SECONDS)
        try:
            store.get_file(key, path, most_bytes=expected.size_bytes)
        except IntegrityError:  # larger than it can be
            continue
        if file_sha256(path) == expected.sha256:
            return True
    return False


def download_whole(store: ObjectStore, key: str, path: Path, expected: KnownBytes) -> bool:
    """As `download_checked`; False too where there is no object."""
    try:
        return download_checked(store, key, path, expected)
    except ObjectNotFoundError:
        return False
