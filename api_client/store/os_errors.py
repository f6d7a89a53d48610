"""The seam between the operating system's errors and ours."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api_client.errors import HoratioError, StoreAccessError, StoreUnavailableError

_REMEDIES = {
    errno.ENOSPC: "no space is left on that disk: free some, or choose another directory",
    errno.EDQUOT: "the disk quota is used up: free some space, or choose another directory",
    errno.EACCES: "permission denied: change its permissions, or choose another directory",
    errno.EPERM: "permission denied: change its permissions, or choose another directory",
    errno.EROFS: "the file system is read-only: choose another directory",
    errno.ENAMETOOLONG: "the name is too long for that file system: choose a shorter path",
    errno.ENOENT: "there is no such file",
    errno.ENOTDIR: "a file is where a directory should be: move it away, or choose another directory",
    errno.EISDIR: "a directory is where a file should be: move it away, or choose another directory",
    errno.ELOOP: "a symbolic link is in the way, and a store follows none: put the directory itself there",
    errno.EFBIG: "the file is too large for that file system: choose another directory",
}

_PASSING = frozenset(
    {errno.EAGAIN, errno.EBUSY, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.EINTR, errno.EIO}
    | {errno.EMFILE, errno.ENFILE, errno.ENETUNREACH, errno.ENOMEM, errno.ESTALE, errno.ETIMEDOUT}
)
"""What a network file system or a busy machine recovers from."""


@contextmanager
def os_errors_translated(path: Path) -> Iterator[None]:
    """Raise `StoreAccessError` or `StoreUnavailableError` in place of any `OSError`, naming the path."""
    try:
        yield
    except OSError as error:
        raise translated_os_error(error, path) from error


def translated_os_error(error: OSError, path: Path) -> HoratioError:
    """Return our error for one of the operating system's; the path is named where the error names none."""
    where = error.filename2 or error.filename or path  # of a rename, the name it was to get
    if error.errno in _PASSING:
        return StoreUnavailableError(f"{where} cannot be used just now: {error.strerror}")
    remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror or error}: choose another directory")
    return StoreAccessError(f"{where}: {remedy}")
