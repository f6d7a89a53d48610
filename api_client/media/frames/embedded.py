"""What accompanies the pixels in a JPEG, PNG, WebP or TIFF file: EXIF data, and the colours' ICC profile."""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from api_client.media.frames.tiff import Tiff

_HEAD_BYTES = 1 << 20
_PNG = b"\x89PNG\r\n\x1a\n"
_EXIF_PREFIX = b"Exif\0\0"
_PROFILE_PREFIX = b"ICC_PROFILE\0"
_PROFILE_TAG = 0x8773
_LARGEST_PROFILE_BYTES = 16 << 20


@contextmanager
def exif_of(path: Path) -> Iterator[Tiff]:
    """EXIF data's directories, or a TIFF file's own; empty ones where there are none."""
    with path.open("rb") as file:
        if _is_tiff(file.read(4)):
            yield Tiff(file)
        else:
            yield Tiff(io.BytesIO(_exif(_head(path))))


def profile_of(path: Path) -> bytes:
    """The ICC profile; empty where there is none."""
    with path.open("rb") as file:
        if _is_tiff(file.read(4)):
            tiff = Tiff(file)
            return tiff.data(tiff.first.get(_PROFILE_TAG))
    return _profile(_head(path))


def _is_tiff(data: bytes) -> bool:
    return data in (b"II*\0", b"MM\0*")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_HEAD_BYTES)
        return data + file.read() if _is_webp(data) else data  # its EXIF comes last


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _exif(data: bytes) -> bytes:
    if data[:2] == b"\xff\xd8":
        found = (part for kind, part in _segments(data) if kind == 0xE1 and part.startswith(_EXIF_PREFIX))
    elif data.startswith(_PNG):
        found = (part for kind, part in _chunks(data, 8, "big", size_first=True) if kind == b"eXIf")
    elif _is_webp(data):
        found = (part for kind, part in _chunks(data, 12, "little", size_first=False) if kind == b"EXIF")
    else:
        return b""
    return next(found, b"").removeprefix(_EXIF_PREFIX)


def _profile(data: bytes) -> bytes:
    if data[:2] == b"\xff\xd8":
        parts = (part for kind, part in _segments(data) if kind == 0xE2 and part.startswith(_PROFILE_PREFIX))
        at = len(_PROFILE_PREFIX)  # then comes the number of the part, and how many there are
        return b"".join(part[at + 2 :] for part in sorted(parts, key=lambda part: part[at : at + 1]))
    if data.startswith(_PNG):
        packed = (part for kind, part in _chunks(data, 8, "big", size_first=True) if kind == b"iCCP")
        return _unpacked(next(packed, b"").partition(b"\0")[2][1:])
    if _is_webp(data):
        found = (part for kind, part in _chunks(data, 12, "little", size_first=False) if kind == b"ICCP")
        return next(found, b"")
    return b""


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _LARGEST_PROFILE_BYTES)
    except zlib.error:
        return b""


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, payload) of a JPEG, up to its pixels."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], data[at + 4 : at + 2 + size]
        at += 2 + size


def _chunks(
    data: bytes, at: int, order: Literal["big", "little"], *, size_first: bool
) -> Iterator[tuple[bytes, bytes]]:
    """(kind, payload)."""
    while at + 8 <= len(data):
        fields = data[at : at + 4], data[at + 4 : at + 8]
        size_field, kind = fields if size_first else fields[::-1]
        size = int.from_bytes(size_field, order)
        yield kind, data[at + 8 : at + 8 + size]
        at += 12 + size if size_first else 8 + size + size % 2
