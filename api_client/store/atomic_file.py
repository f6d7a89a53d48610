"""Files that appear complete or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def partial_name() -> str:
    """Return a name no other writer on any machine uses, for a file being written."""
    return f".{os.getpid():x}-{secrets.token_hex(8)}.part"


@contextmanager
def partial_file(directory: Path) -> Iterator[BinaryIO]:
    """Open a new file in a directory, for the caller to rename; what was not renamed is removed.

    Created with the permissions the user's umask gives every other file: a store may be shared.
    """
    path = directory / partial_name()
    try:
        with path.open("xb") as file:
            yield file
    finally:
        path.unlink(missing_ok=True)


def flush_to_disk(file: BinaryIO) -> None:
    """Return once what was written survives a power cut."""
    file.flush()
    os.fsync(file.fileno())


def flush_names_to_disk(directory: Path) -> None:
    """Return once the names in a directory survive a power cut, where the directory can be read."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # writable yet not readable: the names are as safe as that file system makes them
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
