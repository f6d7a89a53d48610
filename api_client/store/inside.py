"""Staying inside a directory store: no symbolic link in it is followed, and only regular files are read."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def leaves_the_store(root: Path, parent: str) -> bool:
    """Whether a directory on the way down from the root is a symbolic link; the root itself may be one."""
    path = root
    for part in filter(None, parent.split("/")):
        path = path / part
        try:
            if stat.S_ISLNK(path.lstat().st_mode):
                return True
        except (FileNotFoundError, NotADirectoryError):
            return False
    return False


def path_inside(root: Path, key: str) -> Path:
    """Return where a key's file is; raise `OSError` (ELOOP) where a directory on the way is a link."""
    parent, _, _ = key.rpartition("/")
    if leaves_the_store(root, parent):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(root / key))
    return root / key


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; a link raises `OSError` (ELOOP), a directory `IsADirectoryError`.

    A pipe or a device is no file (`FileNotFoundError`): opening one may take for ever, reading it too.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            number = errno.EISDIR if stat.S_ISDIR(mode) else errno.ENOENT
            raise OSError(number, os.strerror(number), str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def is_regular(path: Path) -> bool:
    """Whether a regular file is there, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
