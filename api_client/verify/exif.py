"""The orientation tag in the EXIF data of a JPEG, PNG, WebP or TIFF file."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_ORIENTATION = 274
_PNG = b"\x89PNG\r\n\x1a\n"
_LARGEST_BYTES = 1 << 20
"""No EXIF data is larger; what claims to be is damaged."""


def exif_orientation(path: Path) -> int | None:
    """1..8, or None where the file does not say."""
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(0)
        for block in _blocks(file, head):
            orientation = _in_tiff(block)
            if orientation is not None:
                return orientation
    return None


def _blocks(file: BinaryIO, head: bytes) -> Iterator[bytes]:
    """Whatever may be TIFF-structured EXIF data."""
    if head[:2] == b"\xff\xd8":
        yield from _of_jpeg(file)
    elif head[:8] == _PNG:
        yield from _of_png(file)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        yield from _of_webp(file)
    elif head[:4] in (b"II*\0", b"MM\0*"):
        yield file.read(_LARGEST_BYTES)


def _of_jpeg(file: BinaryIO) -> Iterator[bytes]:
    file.seek(2)
    while len(header := file.read(4)) == 4 and header[0] == 0xFF and header[1] != 0xDA:
        body = file.read(struct.unpack(">H", header[2:])[0] - 2)
        if header[1] == 0xE1 and body[:6] == b"Exif\0\0":
            yield body[6:]


def _of_png(file: BinaryIO) -> Iterator[bytes]:
    file.seek(len(_PNG))
    while len(header := file.read(8)) == 8:
        size, name = struct.unpack(">I4s", header)
        if name == b"eXIf":
            yield file.read(min(size, _LARGEST_BYTES))
            return
        file.seek(size + 4, os.SEEK_CUR)  # and its checksum


def _of_webp(file: BinaryIO) -> Iterator[bytes]:
    file.seek(12)
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", header)
        if name == b"EXIF":
            yield file.read(min(size, _LARGEST_BYTES)).removeprefix(b"Exif\0\0")
            return
        file.seek(size + size % 2, os.SEEK_CUR)


def _in_tiff(data: bytes) -> int | None:
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, directory)
        for entry in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", data, entry)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else None
    except struct.error:  # cut off
        return None
    return None
