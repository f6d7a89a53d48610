"""The files of some pictures as one file: ZIP without compression, the same bytes for the same pictures."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from api_client.errors import IntegrityError

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Of every entry."""
_LONGEST_SUFFIX = 10


class PicturePack:
    """Writes a pack. Use as a context manager; the file appears when the block ends without an exception."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.name}.part")

    def __enter__(self) -> "PicturePack":
        self._zip = ZipFile(self._partial, "w", ZIP_STORED)
        return self

    def add(self, name: str, data: bytes) -> None:
        """Add a file; no two have one name."""
        self._zip.writestr(ZipInfo(name, _LONG_AGO), data)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._zip.close()
        if kind is None:
            self._partial.replace(self._path)
        else:
            self._partial.unlink(missing_ok=True)


def stored_name(frame_index: int, name: str) -> str:
    """A picture's name in a part: its number, and the suffix by which FFmpeg knows some formats."""
    suffix = PurePosixPath(name).suffix.lower()
    return f"{frame_index:06d}{suffix if suffix.isascii() and len(suffix) <= _LONGEST_SUFFIX else ''}"


@contextmanager
def opened_pack(path: Path) -> Iterator[ZipFile]:
    """A pack for reading. Raises `IntegrityError` where it is none."""
    try:
        with ZipFile(path) as pack:
            yield pack
    except (BadZipFile, NotImplementedError, RuntimeError) as error:
        raise IntegrityError(f"{path.name} is no pack of pictures ({error})") from None


def read_packed(pack: ZipFile, name: str, *, size_bytes: int) -> bytes:
    """One file's bytes. Raises `IntegrityError` where it is not there, or not that large."""
    try:
        entry = pack.getinfo(name)
    except KeyError:
        raise IntegrityError(f"{name} is not in its pack of pictures") from None
    if entry.file_size != size_bytes or entry.compress_type != ZIP_STORED:
        raise IntegrityError(f"{name} is not the picture that was packed")
    return pack.read(entry)


def copy_packed(packs: Iterable[Path], path: Path) -> Iterator[tuple[str, bytes]]:
    """Write one pack that holds what several hold, in order; yield each file's name and bytes meanwhile."""
    with PicturePack(path) as whole:
        for part in packs:
            with opened_pack(part) as pack:
                for entry in pack.infolist():
                    data = pack.read(entry)
                    whole.add(entry.filename, data)
                    yield entry.filename, data
