"""The eight ways in which a stored picture is turned and mirrored to be upright, numbered as by EXIF."""

import struct
from pathlib import Path
from typing import Literal, TypeAlias, cast

import numpy as np
from av.buffer import Buffer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.media.frames.embedded import exif_of

Orientation: TypeAlias = Literal[1, 2, 3, 4, 5, 6, 7, 8]

UPRIGHT: Orientation = 1
_ORIENTATION_TAG = 0x0112
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
_NAMES_PROFILES = ("png_pipe", "apng", "image2")
"""FFmpeg's formats of files of which EXIF says how they are turned. What lies beside their frames must not be
looked at: PyAV 18.1 frees the name of a PNG's profile twice, and the process ends."""


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


def orientation_of_frame(frame: VideoFrame, container: str) -> Orientation:
    """What the container or the stream says, which FFmpeg hands on with each frame.

    container: FFmpeg's name of the format.
    """
    if container in _NAMES_PROFILES:
        return UPRIGHT
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
    with exif_of(path) as exif:
        value = exif.number(exif.first.get(_ORIENTATION_TAG))
    return cast("Orientation", value) if value is not None and 1 <= value <= 8 else None
