"""Giving a written file its name: durable, and whole from the first moment it is seen."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from api_client.errors import StoreUnavailableError
from api_client.store.atomic_file import flush_names_to_disk, flush_to_disk

_ATTEMPTS = 100
"""A directory can be deleted between its making and its use; to lose that race 100 times is no race."""
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK)


def publish(file: BinaryIO, path: Path) -> None:
    """Rename a written file to its path, replacing what was there."""
    _give_name(file, path, _replace)


def publish_if_absent(file: BinaryIO, path: Path) -> bool:
    """Give a written file its path unless that is taken; return whether it got it.

    Decided by `link(2)`, so that one of several callers wins; without hard links several may.
    """
    return _give_name(file, path, _link)


def make_directory(directory: Path) -> None:
    """Make a directory and its parents, durably, where they are missing."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    try:
        directory.mkdir()
    except FileExistsError:  # a file, or somebody else was quicker
        if directory.is_file():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory)) from None
    flush_names_to_disk(directory.parent)


def _give_name(file: BinaryIO, path: Path, rename: Callable[[Path, Path], bool]) -> bool:
    flush_to_disk(file)
    for _ in range(_ATTEMPTS):
        try:
            make_directory(path.parent)
            named = rename(Path(file.name), path)
        except FileNotFoundError:  # the directory was empty and has just been removed
            continue
        with suppress(FileNotFoundError):  # named, and already deleted by somebody else
            flush_names_to_disk(path.parent)
        return named
    raise StoreUnavailableError(f"{path.parent} is removed again and again while it is written to")


def _replace(source: Path, target: Path) -> bool:
    source.replace(target)
    return True


def _link(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except FileExistsError:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target)) from None
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        return not target.exists() and _replace(source, target)
    return True
