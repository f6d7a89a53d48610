"""Where the tags go: at a corner of their box, inside the picture, covering each other as little as can."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""x_min, y_min, x_max, y_max in pixels, upper ends exclusive."""

_RELUCTANCE = 0.03
"""How much of itself a tag rather has covered than move on to the next best place."""
_STEADINESS = 0.35
"""And how much than leave the place it had in the frame before."""


def place_tags(
    boxes_px: Sequence[Box],
    sizes_px: Sequence[tuple[int, int]],
    picture_px: tuple[int, int],
    kept: Sequence[int | None] | None = None,
) -> list[tuple[int, Box]]:
    """Return where each tag goes: the number of the place, by which it can be kept, and the pixels.

    Earlier ones choose first. boxes_px: of the objects. sizes_px: (width, height) of the tags.
    picture_px: (width, height). kept: the place each tag had in the frame before, where it had one.
    """
    placed = np.zeros((len(boxes_px), 4), np.int64)
    numbers: list[int] = []
    for index, (box, size) in enumerate(zip(boxes_px, sizes_px, strict=True)):
        places = _places(box, size, picture_px)
        covered = _overlap_px(places, placed[:index]) / (size[0] * size[1])
        reluctance = _RELUCTANCE * np.arange(len(places))
        if kept is not None and (before := kept[index]) is not None:
            reluctance += _STEADINESS * (np.arange(len(places)) != before)
        numbers.append(int(np.argmin(covered + reluctance)))
        placed[index] = places[numbers[-1]]
    corners = ((x_min, y_min, x_max, y_max) for x_min, y_min, x_max, y_max in placed.tolist())
    return list(zip(numbers, corners, strict=True))


def _places(box: Box, size_px: tuple[int, int], picture_px: tuple[int, int]) -> NDArray[np.int64]:
    """Return (P, 4), the best first: over the box, in it, under it; on the left, on the right."""
    x_min, y_min, x_max, y_max = box
    width, height = size_px
    over, top, bottom, under = y_min - height, y_min, y_max - height, y_max
    left, right = x_min, x_max - width
    corners = np.array(
        [
            (left, over),
            (left, top),
            (right, over),
            (right, top),
            (left, under),
            (left, bottom),
            (right, under),
        ]
    )
    farthest = np.maximum(0, np.subtract(picture_px, size_px))
    corners = np.clip(corners, 0, farthest)
    return np.concatenate([corners, corners + size_px], axis=1)


def _overlap_px(places: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (P,): by how many pixels in all each place is covered by the others."""
    upper = np.minimum(places[:, None, 2:], others[None, :, 2:])
    lower = np.maximum(places[:, None, :2], others[None, :, :2])
    covered: NDArray[np.int64] = np.maximum(0, upper - lower).prod(axis=2).sum(axis=1)
    return covered
