"""Which way up a picture is: the eight orientations of EXIF, whatever a file states them with."""

import struct

import numpy as np
from numpy.typing import NDArray

UPRIGHT = 1
ALL = range(1, 9)

_NAMES = {
    1: "as stored",
    2: "mirrored left to right",
    3: "upside down",
    4: "mirrored top to bottom",
    5: "transposed",
    6: "turned a quarter clockwise",
    7: "transposed and upside down",
    8: "turned a quarter counter-clockwise",
}
_STEPS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
"""EXIF number → (swap rows and columns, then flip left to right, then flip top to bottom)."""


def name_of(orientation: int) -> str:
    """What was done to the stored picture."""
    return _NAMES[orientation]


def is_transposed(orientation: int) -> bool:
    """Whether width and height are exchanged."""
    return _STEPS[orientation][0]


def turned(picture: NDArray[np.float32], orientation: int) -> NDArray[np.float32]:
    """A stored (H, W) picture the way it is to be shown."""
    swap, flip_x, flip_y = _STEPS[orientation]
    picture = picture.T if swap else picture
    picture = picture[:, ::-1] if flip_x else picture
    return picture[::-1] if flip_y else picture


def followed_by(first: int, second: int) -> int:
    """The one orientation that does what two do one after the other."""
    probe = np.arange(6, dtype=np.float32).reshape(2, 3)
    wanted = turned(turned(probe, first), second)
    return next(o for o in ALL if np.array_equal(turned(probe, o), wanted))


def of_matrix(data: bytes) -> int:
    """Orientation of a display matrix: nine 32-bit numbers, x' = ax + cy, y' = bx + dy.

    A turn that is no quarter is taken for the nearest one.
    """
    a, b, _, c, d = struct.unpack_from("=5i", data)
    is_transposed = abs(b) + abs(c) > abs(a) + abs(d)
    steps = (True, c < 0, b < 0) if is_transposed else (False, a < 0, d < 0)
    return next(number for number, known in _STEPS.items() if known == steps)
