"""The way each track has come, as a line that begins a while ago and ends at the object's feet."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

import numpy as np

from api_client.log.boxes import LoggedBox
from api_client.log.palette import colour_of
from api_client.media.frames.canvas import Canvas
from workers.drawing.painting import draw_line

Point = tuple[int, float, float]
"""(frame index, x, y) in pixels: the middle of a box's lower side."""


class Trails:
    """Knows where every track was in the part and the one before it."""

    def __init__(self, boxes: Iterable[LoggedBox], *, frames: int) -> None:
        """frames: how long a trail is. boxes: in the order of their frames."""
        self._frames = frames
        self._points: dict[int, list[Point]] = {}
        self._labels: dict[int, str] = {}
        for box in boxes:
            if box.tracker_id is not None:
                point = (box.frame_index, (box.x_min + box.x_max) / 2, box.y_max)
                self._points.setdefault(box.tracker_id, []).append(point)
                self._labels[box.tracker_id] = box.class_name

    def draw(self, canvas: Canvas, frame_index: int, *, line_px: int) -> None:
        """Draw the trails of the tracks that are in this frame."""
        for identity, line in _recent(self._points, frame_index, self._frames).items():
            colour = colour_of(self._labels[identity], shade=identity)
            draw_line(canvas, np.rint(line), colour, line_px)


def _recent(
    points: Mapping[int, Sequence[Point]], frame_index: int, frames: int
) -> dict[int, list[tuple[float, float]]]:
    """Track → where it was of late, for tracks that are there now."""
    lines = {}
    for identity, way in points.items():
        if way[0][0] <= frame_index <= way[-1][0]:
            first = bisect_left(way, frame_index - frames, key=itemgetter(0))
            last = bisect_right(way, frame_index, key=itemgetter(0))
            if last - first > 1:
                lines[identity] = [(x, y) for _, x, y in way[first:last]]
    return lines
