"""How a canvas is drawn on: each stroke in every plane, in that plane's scale and numbers for its colour.

A sample of chroma belongs to a box as soon as one of its pixels does, so that thin lines keep their colour.
Boxes are x_min, y_min, x_max, y_max in pixels inside the picture, upper ends exclusive.
"""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from api_client.log.palette import Rgb
from api_client.media.frames.canvas import Canvas, Ink, Plane

Box = tuple[int, int, int, int]
Samples = NDArray[np.uint8]

_FRACTION_BITS = 4
"""Of the coordinates that OpenCV draws lines by."""


def fill(canvas: Canvas, box: Box, colour: Rgb) -> None:
    """Hide what is in a box."""
    for plane in canvas.planes:
        _inside(plane, box)[:] = plane.ink(colour)


def tint(canvas: Canvas, box: Box, colour: Rgb, opacity: float) -> None:
    """Lay a colour over a box. opacity: 0 changes nothing, 1 hides."""
    for plane in canvas.planes:
        samples = _inside(plane, box)
        if samples.size:  # OpenCV refuses to do nothing
            cv2.LUT(samples, _tint_table(plane.ink(colour), opacity), samples)


def tint_where(canvas: Canvas, box: Box, covered: MatLike, colour: Rgb, opacity: float) -> None:
    """Lay a colour over part of a box. covered: (height, width) of the box, 0 or 255."""
    for plane in canvas.planes:
        samples = _inside(plane, box)
        _, touched = cv2.threshold(_sampled(covered, box, plane.step), 0, 255, cv2.THRESH_BINARY)
        cv2.copyTo(cv2.LUT(samples, _tint_table(plane.ink(colour), opacity)), touched, samples)


def change(canvas: Canvas, box: Box, changed: Callable[[Samples], Samples]) -> None:
    """Put something else in place of what is in a box. changed: from (H, W) or (H, W, 3) to the same."""
    for plane in canvas.planes:
        samples = _inside(plane, box)
        samples[:] = changed(samples)


def draw_line(
    canvas: Canvas,
    points_px: NDArray[np.float64],
    colour: Rgb,
    width_px: int,
    *,
    closed: bool = False,
    smooth: bool = False,
) -> None:
    """Draw a line through points, (P, 2). smooth: with softened edges."""
    for plane in canvas.planes:
        # the middle of a sample is between its pixels
        scale = (1 << _FRACTION_BITS) / plane.step
        points = np.rint((points_px - (plane.step - 1) / 2) * scale).astype(np.int32)
        cv2.polylines(
            plane.samples,
            [points],
            isClosed=closed,
            color=_scalar(plane.ink(colour)),
            thickness=max(1, round(width_px / plane.step)),
            lineType=cv2.LINE_AA if smooth else cv2.LINE_8,
            shift=_FRACTION_BITS,
        )


def _scalar(ink: Ink) -> tuple[int, ...]:
    return (ink,) if isinstance(ink, int) else ink


def stamp(canvas: Canvas, box: Box, coverage: Samples, background: Rgb, colour: Rgb) -> None:
    """Put two colours in place of what is in a box.

    coverage: (height, width), how far the second hides the first, 0 to 255.
    """
    for plane in canvas.planes:
        samples = _inside(plane, box)
        table = _between(plane.ink(background), plane.ink(colour))
        samples[:] = table[_sampled(coverage, box, plane.step)].reshape(samples.shape)


def _inside(plane: Plane, box: Box) -> Samples:
    x_min, y_min, x_max, y_max = box
    step, least = plane.step, plane.step - 1
    return plane.samples[y_min // step : (y_max + least) // step, x_min // step : (x_max + least) // step]


def _sampled(coverage: MatLike, box: Box, step: int) -> Samples:
    """Return the mean of the pixels of each sample that `_inside` gives; those outside the box are 0."""
    if step == 1:
        return np.asarray(coverage, np.uint8)
    x_min, y_min, x_max, y_max = box
    around = (y_min % step, -y_max % step, x_min % step, -x_max % step)
    whole = cv2.copyMakeBorder(coverage, *around, cv2.BORDER_CONSTANT, value=0)
    size = (whole.shape[1] // step, whole.shape[0] // step)
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=4096)
def _tint_table(ink: Ink, opacity: float) -> Samples:
    """Return (1, 256, channels): what becomes of every value in every channel."""
    values = np.arange(256)[None, :, None]
    return np.asarray(np.rint((1 - opacity) * values + opacity * np.atleast_1d(ink)), np.uint8)


@lru_cache(maxsize=4096)
def _between(first: Ink, second: Ink) -> Samples:
    """Return (256, channels): from the one ink to the other."""
    share = np.arange(256)[:, None] / 255
    mixed = (1 - share) * np.atleast_1d(first) + share * np.atleast_1d(second)
    return np.asarray(np.rint(mixed), np.uint8)
