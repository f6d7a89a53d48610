"""An object store in a directory: one file an object, its path the key."""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from api_client.errors import ObjectNotFoundError
from api_client.store.atomic_file import partial_file
from api_client.store.directory_listing import names_below, objects_below
from api_client.store.inside import is_regular, leaves_the_store, open_regular, path_inside
from api_client.store.key_syntax import checked_key, checked_parent, checked_prefix
from api_client.store.os_errors import os_errors_translated
from api_client.store.protocol import MOST_BYTES_IN_MEMORY, ObjectInfo, larger_than_known, too_large
from api_client.store.publish import make_directory, publish, publish_if_absent

_INCOMING = ".incoming"
"""Where files are written before they get their name: in the store, so that a rename is atomic."""
_ABANDONED_SECONDS = 24 * 3600
"""The age from which an incoming file was surely left by a process that was killed."""
_COPY_BYTES = 1 << 20
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class DirectoryStore:
    """`ObjectStore` on a local or shared file system. Many processes may use one directory.

    A key cannot also be another key's directory (`a` beside `a/b`): that is `StoreAccessError`. So is a
    symbolic link below the root, which is never followed; the root itself may be one.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.url = self.root.as_uri()
        self._swept = False

    def __repr__(self) -> str:
        return f"DirectoryStore({str(self.root)!r})"

    def get(self, key: str) -> bytes:
        """Return the whole object."""
        path = self._path(key)
        with os_errors_translated(path), self._absence_named(key), open_regular(path) as file:
            data = file.read(MOST_BYTES_IN_MEMORY + 1)
        if len(data) > MOST_BYTES_IN_MEMORY:
            raise too_large(self.url, key)
        return data

    def get_file(self, key: str, path: Path, *, most_bytes: int | None = None) -> None:
        """Copy to a path, which is the caller's to change: never a link into the store."""
        source = self._path(key)
        with os_errors_translated(path):
            with self._absence_named(key):
                original = open_regular(source)
            with original:
                if most_bytes is not None and os.fstat(original.fileno()).st_size > most_bytes:
                    raise larger_than_known(self.url, key, most_bytes)
                path.parent.mkdir(parents=True, exist_ok=True)
                with partial_file(path.parent) as copy:
                    shutil.copyfileobj(original, copy, _COPY_BYTES)
                    copy.flush()
                    Path(copy.name).replace(path)

    def put(self, key: str, data: bytes) -> None:
        """Write or replace."""
        path = self._path(key)
        with os_errors_translated(path), self._incoming_file() as file:
            file.write(data)
            publish(file, path)

    def put_file(self, key: str, path: Path) -> None:
        """Copy a file in."""
        target = self._path(key)
        with os_errors_translated(target), path.open("rb") as original, self._incoming_file() as file:
            shutil.copyfileobj(original, file, _COPY_BYTES)
            publish(file, target)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write unless present: one of several callers is told True, wherever there are hard links."""
        path = self._path(key)
        with os_errors_translated(path):
            if is_regular(path):  # the usual case of a duplicate costs no write
                return False
            with self._incoming_file() as file:
                file.write(data)
                return publish_if_absent(file, path)

    def exists(self, key: str) -> bool:
        """Whether an object is there now."""
        path = self._path(key)
        with os_errors_translated(path):
            return is_regular(path)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield the objects, reading one directory at a time; what changes meanwhile may be there or not."""
        return objects_below(self.root, checked_prefix(prefix))

    def list_prefixes(self, prefix: str) -> Iterator[str]:
        """Yield the names of the directories below that hold an object."""
        return names_below(self.root, checked_parent(prefix))

    def delete(self, key: str) -> None:
        """Delete if present, with the directories that become empty."""
        path = self._path(key)
        with os_errors_translated(path), suppress(*_ABSENT):
            path.unlink()
            self._remove_empty_directories(path.parent)

    def delete_prefix(self, prefix: str) -> int:
        """Delete every object whose key begins with the prefix; return how many there were."""
        count = 0
        for info in self.list(prefix):
            self.delete(info.key)
            count += 1
        return count

    def _path(self, key: str) -> Path:
        path = self.root / checked_key(key)
        with os_errors_translated(path):
            return path_inside(self.root, key)

    @contextmanager
    def _absence_named(self, key: str) -> Iterator[None]:
        try:
            yield
        except _ABSENT:
            raise ObjectNotFoundError(
                f"no object {key!r} in {self.root}: never written, or deleted"
            ) from None

    @contextmanager
    def _incoming_file(self) -> Iterator[BinaryIO]:
        directory = self.root / _INCOMING
        if leaves_the_store(self.root, _INCOMING):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(directory))
        make_directory(directory)
        if not self._swept:
            _remove_abandoned_files(directory)
            self._swept = True
        with partial_file(directory) as file:
            yield file

    def _remove_empty_directories(self, directory: Path) -> None:
        while directory != self.root:
            try:
                directory.rmdir()
            except OSError:  # not empty, or somebody else was quicker
                return
            directory = directory.parent


def _remove_abandoned_files(directory: Path) -> None:
    for path in directory.glob(".*.part"):
        with suppress(OSError):  # somebody else's, or already gone
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()
