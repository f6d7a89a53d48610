"""Hiding what was found, for good: what a redacted picture shows cannot be undone.

In every frame everything is hidden that was there in this frame, or up to a fifth of a second before or after
it, with a margin: no single frame shows what a detector saw a moment too late. A frame nobody could look at,
or that cannot be decoded, is hidden whole.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import cv2
import numpy as np

from api_client.contract.styles import Style as StyleName
from api_client.log.boxes import LoggedBox
from api_client.log.palette import Rgb
from api_client.media.frames.canvas import Canvas
from api_client.media.frames.decode import DrawableFrame
from workers.drawing.boxes import whole_pixels
from workers.drawing.painting import Box, Samples, change, fill

Hide = Callable[[Canvas, Box], None]
"""Puts something else in place of what is in a box."""

_MARGIN_SHARE = 0.12
"""Of a box's own size, on every side."""
_LEAST_MARGIN_PX = 4
_CELLS = 8
"""What is left of the longer side of a box: too little to recognise anybody."""
_SHARE_OF_SMALL = 1 / 4
"""Of a box so small that as many cells would be nearly its pixels."""
_COVER: Rgb = (24, 24, 24)


class Redaction:
    """A `Style` that hides."""

    def __init__(
        self,
        style: StyleName,
        boxes: Iterable[LoggedBox],
        *,
        margin_frames: int,
        hidden: Callable[[int], bool],
    ) -> None:
        """boxes: of the part and its neighbours. hidden: whether nobody looked at the frame of that index."""
        self._hide = _HIDING[style]
        self._margin_frames = margin_frames
        self._hidden = hidden
        self._by_frame: dict[int, list[LoggedBox]] = {}
        for box in boxes:
            self._by_frame.setdefault(box.frame_index, []).append(box)

    def __call__(self, frame: DrawableFrame, _boxes: Sequence[LoggedBox]) -> None:
        """Change the frame so that nothing that was found can be recognised."""
        width_px, height_px = frame.canvas.size_px
        if not frame.readable or self._hidden(frame.frame_index):
            self._hide(frame.canvas, (0, 0, width_px, height_px))
            return
        for box in self._around(frame.frame_index):
            self._hide(frame.canvas, whole_pixels(_widened(box), width_px, height_px))

    def _around(self, frame_index: int) -> Iterable[LoggedBox]:
        for near in range(frame_index - self._margin_frames, frame_index + self._margin_frames + 1):
            yield from self._by_frame.get(near, ())


def _widened(box: LoggedBox) -> tuple[float, float, float, float]:
    across = max(_LEAST_MARGIN_PX, _MARGIN_SHARE * box.width_px)
    along = max(_LEAST_MARGIN_PX, _MARGIN_SHARE * box.height_px)
    return box.x_min - across, box.y_min - along, box.x_max + across, box.y_max + along


def _cells(samples: Samples) -> Samples:
    height, width = samples.shape[:2]
    longer = max(height, width)
    share = _CELLS / longer if longer > 2 * _CELLS else _SHARE_OF_SMALL
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(cv2.resize(samples, size, interpolation=cv2.INTER_AREA), np.uint8)


def _pixelated(samples: Samples) -> Samples:
    size = samples.shape[1::-1]
    return np.asarray(cv2.resize(_cells(samples), size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _blurred(samples: Samples) -> Samples:
    """As little is left as of pixels, without their edges."""
    size = samples.shape[1::-1]
    return np.asarray(cv2.resize(_cells(samples), size, interpolation=cv2.INTER_CUBIC), np.uint8)


_HIDING: dict[StyleName, Hide] = {
    "blur": partial(change, changed=_blurred),
    "pixelate": partial(change, changed=_pixelated),
    "cover": partial(fill, colour=_COVER),
}
