"""Masks as COCO stores them: run lengths over the whole picture, column by column, as compressed text."""

import numpy as np
from numpy.typing import NDArray

_MOST_LIKELY = 127
"""A pixel belongs to the object where its probability, 0..255, is above this; so it is drawn."""


def box_mask_to_rle(
    mask: bytes, box_xyxy_px: tuple[float, float, float, float], *, width_px: int, height_px: int
) -> tuple[str, int]:
    """Return COCO's compressed run lengths of a mask over a box, and its area in pixels.

    mask: M*M bytes, probability 0..255, stretched over the box.
    """
    left, top, pixels = _pasted(mask, box_xyxy_px, width_px, height_px)
    starts, ends = _runs(pixels, left, top, height_px)
    edges = np.empty(2 * len(starts), np.int64)
    edges[0::2], edges[1::2] = starts, ends
    counts = np.diff(np.concatenate([[0], edges, [width_px * height_px]]))
    return _compressed(counts.tolist()), int(pixels.sum())


def _pasted(
    mask: bytes, box: tuple[float, float, float, float], width_px: int, height_px: int
) -> tuple[int, int, NDArray[np.bool_]]:
    """Left, top and pixels of the part of the picture that the box covers."""
    side = round(len(mask) ** 0.5)
    probability = np.frombuffer(mask, np.uint8).reshape(side, side).astype(np.float32)
    left, top = max(0, int(np.floor(box[0]))), max(0, int(np.floor(box[1])))
    right, bottom = min(width_px, int(np.ceil(box[2]))), min(height_px, int(np.ceil(box[3])))
    rows = _positions(top, bottom, box[1], box[3], side)
    columns = _positions(left, right, box[0], box[2], side)
    return left, top, _bilinear(probability, rows, columns) > _MOST_LIKELY


def _positions(first: int, end: int, low: float, high: float, side: int) -> NDArray[np.float64]:
    """Where in the mask the middles of pixels first..end are."""
    middles = np.arange(first, max(first, end)) + 0.5
    place = (middles - low) / max(high - low, 1e-6) * side - 0.5
    return np.asarray(np.clip(place, 0, side - 1))


def _bilinear(
    values: NDArray[np.float32], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    last = len(values) - 1
    above, before = rows.astype(np.intp), columns.astype(np.intp)
    below, after = np.minimum(above + 1, last), np.minimum(before + 1, last)
    down, along = (rows - above)[:, None], (columns - before)[None]
    upper = values[np.ix_(above, before)] * (1 - along) + values[np.ix_(above, after)] * along
    lower = values[np.ix_(below, before)] * (1 - along) + values[np.ix_(below, after)] * along
    return np.asarray(upper * (1 - down) + lower * down)


def _runs(
    pixels: NDArray[np.bool_], left: int, top: int, height_px: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of each run of set pixels, counted down the columns of the whole picture."""
    padded = np.pad(pixels.T.astype(np.int8), ((0, 0), (1, 1)))
    column, row = np.nonzero(np.diff(padded, axis=1))
    places = (left + column) * height_px + top + row
    starts, ends = places[0::2], places[1::2]
    touching = np.flatnonzero(starts[1:] == ends[:-1])  # a run goes on at the top of the next column
    return np.delete(starts, touching + 1), np.delete(ends, touching)


def _compressed(counts: list[int]) -> str:
    """Five bits a character, lowest first, each count from the third on less the one two before it."""
    characters = []
    for place, count in enumerate(counts):
        value = count - counts[place - 2] if place > 2 else count
        while True:
            bits, value = value & 0x1F, value >> 5
            is_last = value == (-1 if bits & 0x10 else 0)
            characters.append(chr(48 + (bits if is_last else bits | 0x20)))
            if is_last:
                break
    return "".join(characters)
