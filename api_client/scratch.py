"""Temporary directories that do not outlive their process, however it ends.

Each holds a lock file that its process keeps locked. The kernel lets go of the lock when the process is
gone, so `sweep_scratch` can tell what a killed process left behind, across containers and reused ids too.
"""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "horatio-scratch-"
_UNLOCKED_PREFIX = "horatio-new-"
_LOCK = ".lock"
_NEW_SECONDS = 60.0
"""A directory that is not locked yet may be in the making."""


@contextmanager
def scratch_directory(purpose: str) -> Iterator[Path]:
    """Make a directory in the system's temporary one, and remove it with all that is in it."""
    new = Path(tempfile.mkdtemp(prefix=f"{_UNLOCKED_PREFIX}{purpose}-"))
    directory = new.with_name(new.name.replace(_UNLOCKED_PREFIX, _PREFIX, 1))
    try:
        with (new / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            new.rename(directory)  # from here on a sweeper may look at it, and finds it locked
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)


def sweep_scratch() -> int:
    """Remove what processes that are gone have left; return how many directories those were."""
    temporary = Path(tempfile.gettempdir())
    abandoned = [directory for directory in temporary.glob(f"{_PREFIX}*") if _is_unlocked(directory)]
    abandoned += [directory for directory in temporary.glob(f"{_UNLOCKED_PREFIX}*") if _is_old(directory)]
    for directory in abandoned:
        shutil.rmtree(directory, ignore_errors=True)
    return len(abandoned)


def _is_unlocked(directory: Path) -> bool:
    with suppress(OSError):  # locked, somebody else's, or removed meanwhile
        if not directory.is_symlink():
            with (directory / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
    return False


def _is_old(directory: Path) -> bool:
    with suppress(OSError):
        return not directory.is_symlink() and time.time() - directory.stat().st_mtime > _NEW_SECONDS
    return False
