"""Pasting a mask: from 28x28 values over a box to the pixels of a frame. NumPy alone."""

import math

import numpy as np
from numpy.typing import NDArray


def paste_mask(
    mask: NDArray[np.float32], box_xyxy_px: NDArray[np.float32], frame_hw_px: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return (H, W) bool: the pixels whose centre, by bilinear sampling of the mask, is at least one half.

    mask: (M, M), 0..1; for the uint8 of `Detections.masks`, divide by 255. The box may be fractional;
    nothing outside of it is set.
    """
    height, width = frame_hw_px
    x_min, y_min, x_max, y_max = (float(side) for side in box_xyxy_px)
    left, right = _pixel_range(x_min, x_max, width)
    top, bottom = _pixel_range(y_min, y_max, height)
    across = _sampling(left, right, x_min, x_max, mask.shape[1])
    down = _sampling(top, bottom, y_min, y_max, mask.shape[0])
    pasted = np.zeros(frame_hw_px, np.bool_)
    pasted[top:bottom, left:right] = down @ mask.astype(np.float32) @ across.T >= 0.5
    return pasted


def _pixel_range(low: float, high: float, limit: int) -> tuple[int, int]:
    return max(0, math.floor(low)), min(limit, math.ceil(high))


def _sampling(first: int, last: int, low: float, high: float, bins: int) -> NDArray[np.float32]:
    """Return (pixels, bins): the bilinear weight of every bin for each pixel centre of a range."""
    centre = np.arange(first, last, dtype=np.float64) + 0.5
    position = (centre - low) / (high - low) * bins - 0.5
    distance = np.abs(position[:, None] - np.arange(bins)[None, :])
    return np.maximum(0.0, 1.0 - distance).astype(np.float32)
