"""Whether a file is completely written: nobody writes to it, and it has not changed for a while."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Version:
    """A file as it was at one moment."""

    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> "Version | None":
        """None where the file is gone or empty."""
        with suppress(OSError):
            stat = path.stat()
            if stat.st_size:
                return cls(size_bytes=stat.st_size, modified_ns=stat.st_mtime_ns)
        return None


class Settling:
    """Asked about the same files again and again."""

    def __init__(self, *, settle_seconds: float, now: Callable[[], float]) -> None:
        """now: seconds of a clock that never goes back."""
        self._settle_seconds, self._now = settle_seconds, now
        self._since: dict[Path, tuple[Version, float]] = {}

    def settled(self, paths: Iterable[Path]) -> dict[Path, Version]:
        """Return those that are complete. Files not asked about any more are forgotten."""
        seen = {path: version for path in paths if (version := Version.of(path)) is not None}
        now = self._now()
        self._since = {path: self._first_seen(path, version, now) for path, version in seen.items()}
        return {
            path: version
            for path, version in seen.items()
            if now - self._since[path][1] >= self._settle_seconds and not is_being_written(path)
        }

    def _first_seen(self, path: Path, version: Version, now: float) -> tuple[Version, float]:
        before = self._since.get(path)
        return before if before is not None and before[0] == version else (version, now)


def is_being_written(path: Path) -> bool:
    """Whether some program on this machine has the file open for writing.

    Linux grants a lease for reading only where nobody has. Where it grants none for other reasons (somebody
    else's file, a network file system) the answer is no.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False
