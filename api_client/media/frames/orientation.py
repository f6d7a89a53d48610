"""The eight ways in which a stored picture is turned and mirrored to be upright, numbered as by EXIF."""

import struct
from pathlib import Path
from typing import Literal, TypeAlias, cast

import numpy as np
from av.buffer import Buffer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Orientation: TypeAlias = Literal[1, 2, 3, 4, 5, 6, 7, 8]

UPRIGHT: Orientation = 1
_ORIENTATION_TAG = 0x0112
_HEAD_BYTES = 1 << 20
_BY_AXES: dict[tuple[int, int, int, int], Orientation] = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
"""By where a step right and a step down go: (right, down) of the one, then of the other."""
_BY_TURN: dict[int, Orientation] = {0: 1, 90: 8, 180: 3, 270: 6}
"""By FFmpeg's angle, counter-clockwise."""


def swaps_sides(orientation: Orientation) -> bool:
    """Whether a stored picture's width is the upright one's height."""
    return orientation >= 5


def upright(pixels: NDArray[np.uint8], orientation: Orientation) -> NDArray[np.uint8]:
    """A stored picture (H, W, 3) as it is to be seen; (W, H, 3) where its sides are swapped."""
    if swaps_sides(orientation):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def orientation_of_frame(frame: VideoFrame) -> Orientation:
    """What the container or the stream says, which FFmpeg hands on with each frame."""
    try:
        matrix = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # beside it lies something PyAV has no name for
        return _BY_TURN[round(frame.rotation / 90) * 90 % 360]
    return orientation_of_matrix(struct.unpack("=9i", cast("Buffer", matrix))) if matrix else UPRIGHT


def orientation_of_matrix(matrix: tuple[int, ...]) -> Orientation:
    """Of a display matrix (ISO 14496-12, 8.3.2: x' = ax + cy, y' = bx + dy), to the nearest quarter turn."""
    a, b, _, c, d = matrix[:5]
    is_sideways = abs(b) + abs(c) > abs(a) + abs(d)
    return _BY_AXES[(0, _sign(b), _sign(c), 0) if is_sideways else (_sign(a), 0, 0, _sign(d))]


def _sign(value: int) -> int:
    return -1 if value < 0 else 1


def orientation_of_picture(path: Path) -> Orientation | None:
    """What EXIF says in a JPEG, PNG, WebP or TIFF file; None where it says nothing."""
    with path.open("rb") as file:
        data = file.read(_HEAD_BYTES)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            file.seek(0)
            data = file.read()  # its EXIF comes last
    return _orientation_in(_exif(data))


def _exif(data: bytes) -> bytes:
    if data[:2] == b"\xff\xd8":
        return _exif_of_jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _chunk(data, 8, b"eXIf", "big", size_first=True)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _chunk(data, 12, b"EXIF", "little", size_first=False).removeprefix(b"Exif\0\0")
    return data if data[:4] in (b"II*\0", b"MM\0*") else b""


def _exif_of_jpeg(data: bytes) -> bytes:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        payload = data[at + 4 : at + 2 + size]
        if data[at + 1] == 0xE1 and payload.startswith(b"Exif\0\0"):
            return payload[6:]
        at += 2 + size
    return b""


def _chunk(data: bytes, at: int, name: bytes, order: Literal["big", "little"], *, size_first: bool) -> bytes:
    while at + 8 <= len(data):
        fields = data[at : at + 4], data[at + 4 : at + 8]
        size_field, kind = fields if size_first else fields[::-1]
        size = int.from_bytes(size_field, order)
        if kind == name:
            return data[at + 8 : at + 8 + size]
        at += 12 + size if size_first else 8 + size + size % 2
    return b""


def _orientation_in(exif: bytes) -> Orientation | None:
    """Of the first directory of a TIFF structure (TIFF 6.0, section 2)."""
    if exif[:2] not in (b"II", b"MM") or len(exif) < 8:
        return None
    order = "<" if exif[:2] == b"II" else ">"
    (directory,) = struct.unpack_from(f"{order}I", exif, 4)
    if directory + 2 > len(exif):
        return None
    (count,) = struct.unpack_from(f"{order}H", exif, directory)
    for at in range(directory + 2, min(directory + 2 + 12 * count, len(exif) - 11), 12):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, at)
        if tag == _ORIENTATION_TAG:
            return cast("Orientation", value) if 1 <= value <= 8 else None
    return None
