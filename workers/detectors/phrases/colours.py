"""Which of the eleven basic colours a region of a frame has, by its pixels.

Every pixel goes to the colour of the example it is nearest to in CIELAB; examples are colours people call so,
several for each term, dark and light. (That pixels are named by the eleven terms and counted is the idea of
van de Weijer et al. 2009; their learnt tables are not used.) The middle of a box counts most: its
corners show what is behind.

Legend: P pixels, E examples, K colours, R regions.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vocabularies.phrase import COLOURS
from workers.detectors.protocol import Frame

Floats = NDArray[np.float32]

SAMPLES = 40
"""Pixels looked at along each side of a box, at most."""
TABLE_BITS = 6
"""Of each of red, green and blue by which a pixel's colour is looked up."""
MIDDLE = 2.0
"""How much the middle of a box counts: a pixel's weight is exp(-MIDDLE d²), d being 1 at the border."""
VIVID = np.float32(2.5)
"""What a pixel of a vivid colour counts: shadow, glare and tyres are black, white and grey on anything."""
DULL = ("black", "white", "grey", "brown")

EXAMPLES = {
    "black": "000000 141414 202024 262220 18182a 101820 2c2a28",
    "white": "c8c8c8 dcdcdc ececec ffffff e8e4da dfe6ee d4cec4 c4ccd4",
    "grey": "464646 5a5a5a 6e6e6e 828282 969696 aaaaaa b4b4b4 7a8088 8a8478 606870",
    "red": "ff0000 d01818 b01020 8c0c14 e03030 c83c3c 6a0c14 e0304a a04848 803838 b84858 c85a5a 582428",
    "orange": "ff8c00 f07820 e86018 ffa030 d8742c c86420 e89050",
    "yellow": "ffff00 f0d020 e8c010 d8b020 fff080 c8a820 f8e060 e8d888",
    "green": "00a000 00ff00 208040 305828 608840 80b050 98d040 204020 30a080 a0d890 b0f060 507850 "
    "3c5c50 5c7458 284438 90a878",
    "blue": "0000ff 0050c8 2060a0 4080d0 102060 80b0e8 00a0e0 5078a0 304878 00c8e8 a0c8f0 182848 "
    "6888b0 506480 384860 98b4d0 60b0c0",
    "purple": "800080 6a2c90 9a50b8 4a1a5a b080d0 7a4878 9060c8 604868 a890c0 601848",
    "pink": "ff69b4 ffb0c0 f080a0 e05090 ff20a0 e8a0b0 d87898 f0c0cc e890a0",
    "brown": "5a3a20 7a4a28 8b5a34 a07048 402818 6a4c38 b48c64 9a7a5a 4a3428 c09c78 6e5a48 8a7460",
}
"""sRGB."""


def shares(frame: Frame, boxes_R4: Floats) -> Floats:
    """Return (R, K): which share of each box has each of `COLOURS`; rows add up to 1."""
    return np.array([_of_box(frame, box) for box in boxes_R4], np.float32).reshape(-1, len(COLOURS))


def degree(shares_RK: Floats, colours: Sequence[str]) -> Floats:
    """Return (R,), 0..1: how far regions have all the colours asked for, beside any other.

    1 where the least of them has as much as every other colour, vivid ones counting more.
    """
    weight_K = np.array([1 if colour in DULL else VIVID for colour in COLOURS], np.float32)
    weighted_RK = shares_RK * weight_K
    asked_K = np.isin(COLOURS, colours)
    other_R = weighted_RK[:, ~asked_K].max(axis=1, initial=1e-6)
    return np.asarray((weighted_RK[:, asked_K].min(axis=1) / other_R).clip(0, 1), np.float32)


def _of_box(frame: Frame, box_4: Floats) -> Floats:
    height, width = frame.shape[:2]
    x = _places(box_4[0], box_4[2], width)
    y = _places(box_4[1], box_4[3], height)
    pixels_P3 = frame[np.ix_(y, x)].reshape(-1, 3)
    away_P = (np.linspace(-1, 1, len(y))[:, None] ** 2 + np.linspace(-1, 1, len(x)) ** 2).reshape(-1)
    counted = np.bincount(_named(pixels_P3), np.exp(-MIDDLE * away_P), minlength=len(COLOURS))
    return np.asarray(counted / counted.sum(), np.float32)


def _places(start: float, end: float, size: int) -> NDArray[np.int64]:
    """Places of pixels, spread over a side of a box; one at least."""
    first = min(max(int(start), 0), size - 1)
    last = min(max(int(end), first + 1), size)
    return np.unique(np.linspace(first, last - 1, min(SAMPLES, last - first)).astype(np.int64))


def _named(pixels_P3: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(P,) the colour of each."""
    cell_P3 = (pixels_P3 >> (8 - TABLE_BITS)).astype(np.int64)
    return np.asarray(_table()[cell_P3 @ (1 << 2 * TABLE_BITS, 1 << TABLE_BITS, 1)], np.uint8)


@cache
def _table() -> NDArray[np.uint8]:
    """The colour of the middle of every cell of RGB; a tenth of what it costs to ask every pixel."""
    middle = (np.arange(1 << TABLE_BITS) << (8 - TABLE_BITS)) + (1 << (7 - TABLE_BITS))
    cells_P3 = np.stack(np.meshgrid(middle, middle, middle, indexing="ij"), axis=-1).reshape(-1, 3)
    blocks = np.array_split(cells_P3.astype(np.uint8), 1 << TABLE_BITS)
    return np.concatenate([_nearest(block) for block in blocks])


def _nearest(pixels_P3: NDArray[np.uint8]) -> NDArray[np.uint8]:
    examples_E3, colour_E = _examples()
    # by |p|² - 2pe + |e|², of which the first is the same for all
    distance_PE = (examples_E3**2).sum(axis=1) - 2 * lab(pixels_P3) @ examples_E3.T
    return np.asarray(colour_E[distance_PE.argmin(axis=1)], np.uint8)


@cache
def _examples() -> tuple[Floats, NDArray[np.int64]]:
    codes = [(number, code) for number, name in enumerate(COLOURS) for code in EXAMPLES[name].split()]
    rgb_E3 = np.array([list(bytes.fromhex(code)) for _, code in codes], np.uint8)
    return lab(rgb_E3), np.array([number for number, _ in codes], np.int64)


def lab(rgb_P3: NDArray[np.uint8]) -> Floats:
    """(P, 3) sRGB as CIELAB, D65."""
    linear_P3 = _linear()[rgb_P3]
    xyz_P3 = linear_P3 @ _XYZ_BY_RGB.T / _WHITE
    root_P3 = np.where(xyz_P3 > (6 / 29) ** 3, np.cbrt(xyz_P3), xyz_P3 / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root_P3.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1).astype(np.float32)


@cache
def _linear() -> Floats:
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


_XYZ_BY_RGB = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32
)
_WHITE = np.array([0.9505, 1.0, 1.089], np.float32)
