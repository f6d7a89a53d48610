"""The objects in a directory, listed as an object store lists them."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from api_client.store.os_errors import os_errors_translated
from api_client.store.protocol import ObjectInfo


def objects_below(root: Path, prefix: str) -> Iterator[ObjectInfo]:
    """Yield the objects whose key begins with the prefix, in key order, reading one directory at a time.

    What is written or deleted meanwhile may be there or not. Hidden files are no objects.
    """
    parent, slash, beginning = prefix.rpartition("/")
    return _objects(root, parent + slash, beginning)


def names_below(root: Path, prefix: str) -> Iterator[str]:
    """Yield the names of those directories right below a prefix that hold an object."""
    for entry in _entries(root / prefix, ""):
        if entry.is_dir() and any(True for _ in _objects(root, f"{prefix}{entry.name}/", "")):
            yield entry.name


def _objects(root: Path, parent: str, beginning: str) -> Iterator[ObjectInfo]:
    for entry in _entries(root / parent, beginning):
        if entry.is_dir():
            yield from _objects(root, f"{parent}{entry.name}/", "")
        elif (info := _info(parent + entry.name, entry)) is not None:
            yield info


def _entries(directory: Path, beginning: str) -> list["os.DirEntry[str]"]:
    with os_errors_translated(directory):
        try:
            with os.scandir(directory) as scan:
                entries = [e for e in scan if e.name.startswith(beginning) and not e.name.startswith(".")]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(entries, key=_key_order)


def _key_order(entry: "os.DirEntry[str]") -> str:
    """Order entries as the keys below them are ordered: "a-b" comes before "a/b"."""
    return f"{entry.name}/" if entry.is_dir() else entry.name


def _info(key: str, entry: "os.DirEntry[str]") -> ObjectInfo | None:
    with os_errors_translated(Path(entry.path)):
        try:
            status = entry.stat()
        except FileNotFoundError:  # deleted since the directory was read
            return None
    modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return ObjectInfo(key=key, size_bytes=status.st_size, modified_at=modified_at)
