"""Zones and lines over a picture, as somebody asked for them: each in a colour of its own, with its name."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from api_client.contract.zones import Line, Point, Zone
from api_client.log.boxes import LoggedBox
from api_client.log.palette import Rgb, colour_of
from api_client.media.frames.canvas import Canvas
from api_client.media.frames.decode import DrawableFrame
from workers.drawing.label_text import drawable, text_width_px
from workers.drawing.painting import draw_line, tint_where
from workers.drawing.style import Style
from workers.drawing.tag import draw_tag

_OPACITY = 0.18
_SHADOW: Rgb = (0, 0, 0)
_FARTHEST_PX = 30_000
"""OpenCV draws nothing beyond; no picture reaches so far."""


class WithZones:
    """A `Style` that draws as another does, and zones and lines over it."""

    def __init__(self, style: Style, zones: Sequence[Zone], lines: Sequence[Line]) -> None:
        self._style, self._zones, self._lines = style, zones, lines

    def __call__(self, frame: DrawableFrame, boxes: Sequence[LoggedBox]) -> None:
        """Draw everything."""
        self._style(frame, boxes)
        line_px = max(1, round(min(frame.canvas.size_px) / 240))
        for zone in self._zones:
            _draw_zone(frame.canvas, zone, line_px)
        for line in self._lines:
            _draw_line(frame.canvas, line, line_px)


def _draw_zone(canvas: Canvas, zone: Zone, line_px: int) -> None:
    corners, colour = _pixels(zone.corners), _colour(zone.name)
    width_px, height_px = canvas.size_px
    inside = np.zeros((height_px, width_px), np.uint8)
    cv2.fillPoly(inside, [corners.astype(np.int32)], 255)
    tint_where(canvas, (0, 0, width_px, height_px), inside, colour, _OPACITY)
    for width, ink in ((line_px + 2, _SHADOW), (line_px, colour)):
        draw_line(canvas, corners, ink, width, closed=True, smooth=True)
    _draw_name(canvas, zone.name, _highest(zone.corners), colour)


def _draw_line(canvas: Canvas, line: Line, line_px: int) -> None:
    colour = _colour(line.name)
    ends = _pixels((line.start, line.end, *_arrow(line, 8 * line_px)))
    for width, ink in ((2 * line_px + 2, _SHADOW), (2 * line_px, colour)):
        for stroke in (ends[:2], ends[[2, 3]], ends[[2, 4]]):
            draw_line(canvas, stroke, ink, width, smooth=True)
    _draw_name(canvas, line.name, line.start, colour)


def _arrow(line: Line, size_px: float) -> tuple[Point, Point, Point]:
    """The tip and the two ends of an arrow head in the middle of a line, to its right-hand side."""
    (x1, y1), (x2, y2) = line.start, line.end
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    along_x, along_y = (x2 - x1) / length * size_px, (y2 - y1) / length * size_px
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
    return (
        (middle_x - along_y, middle_y + along_x),
        (middle_x - along_x, middle_y - along_y),
        (middle_x + along_x, middle_y + along_y),
    )


def _draw_name(canvas: Canvas, name: str, place: Point, colour: Rgb) -> None:
    width_px, height_px = canvas.size_px
    size_px = max(9, round(min(height_px, width_px) / 40))
    text = drawable(name)
    tag_px = (
        min(width_px, text_width_px(text, size_px) + round(0.7 * size_px)),
        min(height_px, round(1.4 * size_px)),
    )
    left = int(np.clip(place[0], 0, width_px - tag_px[0]))
    top = int(np.clip(place[1], 0, height_px - tag_px[1]))
    tag = (left, top, left + tag_px[0], top + tag_px[1])
    baseline_px = (round(0.35 * size_px), round(1.05 * size_px))
    draw_tag(canvas, tag, text, colour=colour, text_px=size_px, baseline_px=baseline_px)


def _highest(corners: Sequence[Point]) -> Point:
    return min(corners, key=lambda corner: (corner[1], corner[0]))


def _pixels(points: Sequence[Point]) -> NDArray[np.float64]:
    return np.asarray(np.rint(np.clip(points, -_FARTHEST_PX, _FARTHEST_PX)), np.float64)


def _colour(name: str) -> Rgb:
    return colour_of(f"zone {name}")
