"""Translucent masks, pasted to pixels only inside their box and only when drawn."""

import cv2
import numpy as np
from numpy.typing import NDArray

from api_client.log.palette import Rgb
from api_client.media.frames.canvas import Canvas
from workers.drawing.painting import Box, tint_where

_OPACITY = 0.4
_THRESHOLD = 127
"""A pixel belongs to the object where its probability, 0..255, is above this."""


def fill_mask(canvas: Canvas, box_px: Box, mask: NDArray[np.uint8], *, colour: Rgb, outline_px: int) -> None:
    """Tint the object and draw its outline.

    box_px: x_min, y_min, x_max, y_max, inside the picture, upper ends exclusive.
    mask: (M, M), probability 0..255 over the box.
    """
    x_min, y_min, x_max, y_max = box_px
    size_px = (x_max - x_min, y_max - y_min)
    probability = cv2.resize(mask, size_px, interpolation=cv2.INTER_LINEAR)
    _, covered = cv2.threshold(probability, _THRESHOLD, 255, cv2.THRESH_BINARY)
    tint_where(canvas, box_px, covered, colour, _OPACITY)
    outlines, _ = cv2.findContours(covered, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    drawn = np.zeros_like(covered)
    cv2.polylines(drawn, outlines, isClosed=True, color=255, thickness=outline_px, lineType=cv2.LINE_8)
    tint_where(canvas, box_px, drawn, colour, 1.0)
