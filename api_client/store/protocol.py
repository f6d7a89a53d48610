"""What Horatio needs of an object store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from api_client.errors import IntegrityError

MOST_BYTES_IN_MEMORY = 256 << 20
"""The most `get` returns: embeddings are the largest objects read whole, 150 MB for 50 000 labels."""


def too_large(url: str, key: str) -> IntegrityError:
    """What `get` raises for an object that is larger."""
    return IntegrityError(
        f"{key!r} in {url} is larger than {MOST_BYTES_IN_MEMORY >> 20} MiB, so it is none of ours: delete it"
    )


def larger_than_known(url: str, key: str, most_bytes: int) -> IntegrityError:
    """What `get_file` raises for an object that is larger than it is known to be."""
    return IntegrityError(f"{key!r} in {url} is larger than the {most_bytes} bytes it was stored with")


@dataclass(frozen=True, kw_only=True)
class ObjectInfo:
    """One listed object."""

    key: str
    size_bytes: int
    modified_at: datetime
    """Aware, UTC."""


class ObjectStore(Protocol):
    """Bytes under keys. Safe to use from several threads, and on both sides of a fork.

    All methods raise `StoreUnavailableError` (retryable) where the store does not answer after the
    client library's own retries, and `StoreAccessError` (permanent) where it refuses: credentials,
    permissions, a missing bucket, no space left. Keys are those of `api_client.contract.keys`;
    `ValueError` says that a string is no key. A key never lies below another (`a` and `a/b`).
    """

    url: str
    """Where it is, for people and for `open_store`: without credentials."""

    def get(self, key: str) -> bytes:
        """Return the whole object, of one version. Raises `ObjectNotFoundError`.

        Raises `IntegrityError` where it is larger than `MOST_BYTES_IN_MEMORY`: no more is read.
        """
        ...

    def get_file(self, key: str, path: Path, *, most_bytes: int | None = None) -> None:
        """Download to a path, making its directories; the file is the caller's own to change.

        Atomic: it appears complete or not at all, and replaces what was there. Raises `ObjectNotFoundError`,
        and `IntegrityError` where the object is larger than `most_bytes`: no more is read, and no file left.
        """
        ...

    def put(self, key: str, data: bytes) -> None:
        """Write or replace. Atomic: no reader sees a partial object. Durable when it returns."""
        ...

    def put_file(self, key: str, path: Path) -> None:
        """Upload a file of any size, with the guarantees of `put`."""
        ...

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write unless present; return whether it was written.

        Of several concurrent callers at most one is told True where the store supports conditional
        writes; elsewhere several may be. None is where the answer to the winner was lost on its way.
        An optimisation, never a lock.
        """
        ...

    def exists(self, key: str) -> bool:
        """Whether an object is there now."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield every object whose key begins with the prefix, as many as there are, a part at a time.

        Objects under names that are no keys, which others may have put there, are left out.

        Objects right below one parent come by name; whether `a-b` comes before `a/b` is the server's
        choice. What is written or deleted meanwhile may be there or not.
        """
        ...

    def list_prefixes(self, prefix: str) -> Iterator[str]:
        """Yield the distinct next path components below a prefix ending in "/": job ids under "jobs/".

        By name, without a slash, and only those that lead to an object.
        """
        ...

    def delete(self, key: str) -> None:
        """Delete if present."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Delete every object whose key begins with the prefix; return how many there were."""
        ...
