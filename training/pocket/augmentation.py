"""Photographs into training pictures: zoom, shift, flip, colour, and mosaics of four."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.pocket.photographs import IGNORED

MOST_BOXES = 48
GREY = 114
SMALLEST_PX = 4.0
VISIBLE_SHARE = 0.35
NOTHING = -2
"""Category of a row that stands for no box."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A training picture; rows past the boxes there are have category `NOTHING`."""

    picture: NDArray[np.uint8]
    """(S, S, 3) RGB."""
    boxes_xyxy_px: NDArray[np.float32]
    """(MOST_BOXES, 4)."""
    categories: NDArray[np.int64]
    """(MOST_BOXES,): 0..79, `IGNORED`, `WHOLE` or `NOTHING`."""


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """A decoded photograph with its boxes."""

    picture: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    categories: NDArray[np.int64]


def augment(photographs: list[Annotated], size_px: int, random: np.random.Generator) -> Sample:
    """One photograph fills the picture; four are put round a random centre."""
    canvas = np.full((size_px, size_px, 3), GREY, np.uint8)
    windows = [(0, 0, size_px, size_px)]
    if len(photographs) == 4:
        x, y = (random.uniform(0.3, 0.7, 2) * size_px).astype(int)
        windows = [(0, 0, x, y), (x, 0, size_px, y), (0, y, x, size_px), (x, y, size_px, size_px)]
    parts = [
        _place(canvas, window, photo, random) for window, photo in zip(windows, photographs, strict=True)
    ]
    boxes, categories = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _padded(_recolour(canvas, random), boxes, categories)


def _place(
    canvas: NDArray[np.uint8],
    window: tuple[int, int, int, int],
    photo: Annotated,
    random: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    left, top, right, bottom = window
    sides = np.array([right - left, bottom - top], np.float32)
    height, width = photo.picture.shape[:2]
    whole = float((sides / (width, height)).min())
    zoom = whole * np.exp(random.uniform(np.log(0.6), np.log(2.0)))
    stretch = np.exp(random.uniform(-0.12, 0.12, 2))
    scale = zoom * stretch
    slack = sides - scale * (width, height)
    offset = random.uniform(0, 1, 2) * slack
    if random.random() < 0.5:
        scale_x, offset_x = -scale[0], offset[0] + scale[0] * width
    else:
        scale_x, offset_x = scale[0], offset[0]
    matrix = np.array([[scale_x, 0, offset_x], [0, scale[1], offset[1]]], np.float32)
    canvas[top:bottom, left:right] = cv2.warpAffine(
        photo.picture, matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY, GREY, GREY),
    )  # fmt: skip
    moved = photo.boxes * np.array([scale_x, scale[1], scale_x, scale[1]], np.float32)
    moved += np.array([offset_x, offset[1], offset_x, offset[1]], np.float32)
    if scale_x < 0:
        moved = moved[:, [2, 1, 0, 3]]
    return _clipped(moved, sides, (left, top), photo)


def _clipped(
    moved: NDArray[np.float32], sides: NDArray[np.float32], corner: tuple[int, int], photo: Annotated
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Cut the boxes at the window; what is hardly visible any more is ignored rather than background."""
    boxes = np.clip(moved, 0, np.tile(sides, 2)).astype(np.float32)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    whole = (moved[:, 2] - moved[:, 0]) * (moved[:, 3] - moved[:, 1])
    visible = area / np.maximum(whole, 1e-6)
    thin = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) < SMALLEST_PX
    categories = np.where((visible < VISIBLE_SHARE) | thin, IGNORED, photo.categories)
    kept = area > 1
    shift = np.array([*corner, *corner], np.float32)
    return boxes[kept] + shift, categories[kept]


def _recolour(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    gain = np.exp(random.uniform(-0.25, 0.25) + random.uniform(-0.06, 0.06, 3))
    shift = random.uniform(-25, 25)
    gamma = np.exp(random.uniform(-0.2, 0.2))
    ramp = (np.arange(256, dtype=np.float32) / 255) ** gamma * 255
    table = np.clip(ramp[:, None] * gain + shift, 0, 255).astype(np.uint8)
    recoloured = cv2.LUT(picture, table[None])
    if random.random() < 0.1:
        grey = cv2.cvtColor(recoloured, cv2.COLOR_RGB2GRAY)
        recoloured = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    return np.asarray(recoloured, np.uint8)


def _padded(
    picture: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    categories: NDArray[np.int64],
) -> Sample:
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    chosen = np.lexsort((-area, categories < 0))[:MOST_BOXES]
    count = len(chosen)
    padded_boxes = np.zeros((MOST_BOXES, 4), np.float32)
    padded_categories = np.full(MOST_BOXES, NOTHING, np.int64)
    padded_boxes[:count] = boxes[chosen]
    padded_categories[:count] = categories[chosen]
    return Sample(picture=picture, boxes_xyxy_px=padded_boxes, categories=padded_categories)
