"""The objects in a directory, listed as an object store lists them.

Only directories and regular files whose names can be parts of keys count. Symbolic links are not followed:
whoever may write to the store could otherwise have files outside of it read, and deleted with an old job.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from api_client.store.inside import leaves_the_store
from api_client.store.key_syntax import is_part
from api_client.store.os_errors import os_errors_translated
from api_client.store.protocol import ObjectInfo


def objects_below(root: Path, prefix: str) -> Iterator[ObjectInfo]:
    """Yield the objects whose key begins with the prefix, in key order, reading one directory at a time.

    What is written or deleted meanwhile may be there or not. Hidden files are no objects.
    """
    parent, slash, beginning = prefix.rpartition("/")
    if not _leads_elsewhere(root, parent):
        yield from _objects(root, parent + slash, beginning)


def names_below(root: Path, prefix: str) -> Iterator[str]:
    """Yield the names of those directories right below a prefix that hold an object."""
    if _leads_elsewhere(root, prefix.removesuffix("/")):
        return
    for entry in _entries(root / prefix, ""):
        if _is_directory(entry) and any(True for _ in _objects(root, f"{prefix}{entry.name}/", "")):
            yield entry.name


def _objects(root: Path, parent: str, beginning: str) -> Iterator[ObjectInfo]:
    for entry in _entries(root / parent, beginning):
        if _is_directory(entry):
            yield from _objects(root, f"{parent}{entry.name}/", "")
        elif entry.is_file(follow_symlinks=False) and (info := _info(parent + entry.name, entry)) is not None:
            yield info


def _leads_elsewhere(root: Path, parent: str) -> bool:
    with os_errors_translated(root):
        return leaves_the_store(root, parent)


def _entries(directory: Path, beginning: str) -> list["os.DirEntry[str]"]:
    with os_errors_translated(directory):
        try:
            with os.scandir(directory) as scan:
                entries = [e for e in scan if e.name.startswith(beginning) and is_part(e.name)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(entries, key=_key_order)


def _key_order(entry: "os.DirEntry[str]") -> str:
    """Order entries as the keys below them are ordered: "a-b" comes before "a/b"."""
    return f"{entry.name}/" if _is_directory(entry) else entry.name


def _is_directory(entry: "os.DirEntry[str]") -> bool:
    return entry.is_dir(follow_symlinks=False)


def _info(key: str, entry: "os.DirEntry[str]") -> ObjectInfo | None:
    with os_errors_translated(Path(entry.path)):
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # deleted since the directory was read
            return None
    modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return ObjectInfo(key=key, size_bytes=status.st_size, modified_at=modified_at)
