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
_LOCK = ".lock"
_NEW_SECONDS = 60.0
"""A directory without a lock may be in the making."""


@contextmanager
def scratch_directory(purpose: str) -> Iterator[Path]:
    """Make a directory in the system's temporary one, and remove it with all that is in it."""
    with (
        tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{purpose}-", ignore_cleanup_errors=True) as directory,
        Path(directory, _LOCK).open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(directory)


def sweep_scratch() -> int:
    """Remove what processes that are gone have left; return how many directories those were."""
    swept = 0
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _is_abandoned(directory):
            shutil.rmtree(directory, ignore_errors=True)
            swept += 1
    return swept


def _is_abandoned(directory: Path) -> bool:
    with suppress(OSError):  # somebody else's, or removed meanwhile
        if directory.is_symlink():
            return False
        if not (directory / _LOCK).is_file():
            return time.time() - directory.stat().st_mtime > _NEW_SECONDS
        with (directory / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False
