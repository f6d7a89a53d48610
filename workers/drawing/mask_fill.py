"""Translucent masks, pasted to pixels only inside their box and only when drawn."""

import cv2
import numpy as np
from numpy.typing import NDArray

from api_client.log.palette import Rgb
from workers.drawing.tint import tinted

_OPACITY = 0.4
_THRESHOLD = 127
"""A pixel belongs to the object where its probability, 0..255, is above this."""


def fill_mask(
    picture: NDArray[np.uint8],
    box_px: tuple[int, int, int, int],
    mask: NDArray[np.uint8],
    *,
    colour: Rgb,
    outline_px: int,
) -> None:
    """Tint the object and draw its outline.

    picture: (H, W, 3), changed inside the box alone. box_px: x_min, y_min, x_max, y_max, inside the picture,
    upper ends exclusive. mask: (M, M), probability 0..255 over the box.
    """
    x_min, y_min, x_max, y_max = box_px
    inside = picture[y_min:y_max, x_min:x_max]
    height_px, width_px = inside.shape[:2]
    probability = cv2.resize(mask, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    _, covered = cv2.threshold(probability, _THRESHOLD, 255, cv2.THRESH_BINARY)
    cv2.copyTo(tinted(inside, colour, _OPACITY), covered, inside)
    outlines, _ = cv2.findContours(covered, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.polylines(inside, outlines, isClosed=True, color=colour, thickness=outline_px, lineType=cv2.LINE_8)
