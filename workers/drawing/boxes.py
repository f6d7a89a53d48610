"""Draws what the log says on a frame: masks, then boxes, then tags with identity, label and confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from api_client.log.boxes import LoggedBox
from api_client.log.palette import Rgb, colour_of
from api_client.media.frames.canvas import Canvas
from api_client.media.frames.decode import DrawableFrame
from workers.drawing.label_text import drawable, fitted, text_width_px
from workers.drawing.mask_fill import fill_mask
from workers.drawing.painting import fill, tint
from workers.drawing.tag import draw_tag
from workers.drawing.tag_layout import Box, place_tags
from workers.drawing.trails import Trails

_SHADOW: Rgb = (0, 0, 0)
_SHADOW_OPACITY = 0.55


@dataclass(frozen=True, kw_only=True)
class _Sizes:
    """That suit one size of picture."""

    line_px: int
    text_px: int

    @classmethod
    def suiting(cls, width_px: int, height_px: int) -> Self:
        """Fit for reading whether the picture is 160 or 8000 pixels wide."""
        short_px = min(width_px, height_px)
        return cls(line_px=max(1, round(short_px / 240)), text_px=max(9, round(short_px / 40)))

    @property
    def tag_height_px(self) -> int:
        return round(1.4 * self.text_px)

    @property
    def padding_px(self) -> int:
        return round(0.35 * self.text_px)

    @property
    def ascent_px(self) -> int:
        """From the top of a tag to the text's baseline."""
        return round(1.05 * self.text_px)


@dataclass(frozen=True, kw_only=True)
class _Mark:
    """One box as it is drawn."""

    box_px: Box
    text: str
    colour: Rgb
    line_px: int
    mask: NDArray[np.uint8] | None
    identity: int | None


class Boxes:
    """A `Style`. Remembers where tags were, so that they do not jump from frame to frame."""

    def __init__(self, *, trails: Trails | None = None) -> None:
        self._trails = trails
        self._places: dict[int, int] = {}

    def __call__(self, frame: DrawableFrame, boxes: Sequence[LoggedBox]) -> None:
        """Draw boxes, the first on top. Equal frames give equal pixels."""
        canvas = frame.canvas
        width_px, height_px = canvas.size_px
        sizes = _Sizes.suiting(width_px, height_px)
        if self._trails is not None:
            self._trails.draw(canvas, frame.frame_index, line_px=sizes.line_px)
        marks = [_mark(box, sizes, width_px, height_px) for box in boxes]
        tags = self._place_tags(marks, sizes, canvas.size_px)
        for mark in reversed(marks):
            _draw_mask(canvas, mark)
        for mark in reversed(marks):
            _draw_box(canvas, mark)
        for mark, tag in reversed(list(zip(marks, tags, strict=True))):
            baseline_px = (sizes.padding_px, sizes.ascent_px)
            draw_tag(
                canvas, tag, mark.text, colour=mark.colour, text_px=sizes.text_px, baseline_px=baseline_px
            )

    def _place_tags(self, marks: list[_Mark], sizes: _Sizes, picture_px: tuple[int, int]) -> list[Box]:
        placed = place_tags(
            [mark.box_px for mark in marks],
            [_tag_size_px(mark.text, sizes, picture_px) for mark in marks],
            picture_px,
            [None if mark.identity is None else self._places.get(mark.identity) for mark in marks],
        )
        self._places = {
            mark.identity: number
            for mark, (number, _) in zip(marks, placed, strict=True)
            if mark.identity is not None
        }
        return [tag for _, tag in placed]


def _tag_size_px(text: str, sizes: _Sizes, picture_px: tuple[int, int]) -> tuple[int, int]:
    """(width, height), no larger than the picture."""
    width_px = text_width_px(text, sizes.text_px) + 2 * sizes.padding_px
    return min(width_px, picture_px[0]), min(sizes.tag_height_px, picture_px[1])


def _mark(box: LoggedBox, sizes: _Sizes, width_px: int, height_px: int) -> _Mark:
    label = drawable(box.class_name)
    name = label if box.tracker_id is None else f"#{box.tracker_id} {label}"
    return _Mark(
        box_px=whole_pixels(box.box_xyxy_px, width_px, height_px),
        text=fitted(name, f"{box.confidence:.0%}", sizes.text_px, width_px - 2 * sizes.padding_px),
        colour=colour_of(box.class_name, shade=box.tracker_id or 0),
        line_px=max(1, sizes.line_px // 2) if box.interpolated else sizes.line_px,
        mask=None if box.mask is None else _square(box.mask),
        identity=box.tracker_id,
    )


def _square(mask: bytes) -> NDArray[np.uint8]:
    side = round(len(mask) ** 0.5)
    return np.frombuffer(mask, np.uint8).reshape(side, side)


def whole_pixels(box_xyxy_px: tuple[float, float, float, float], width_px: int, height_px: int) -> Box:
    """Return the pixels a box covers, at least one, inside the picture."""
    x_min, y_min, x_max, y_max = map(round, box_xyxy_px)
    x_min, y_min = min(max(x_min, 0), width_px - 1), min(max(y_min, 0), height_px - 1)
    return x_min, y_min, max(min(x_max, width_px), x_min + 1), max(min(y_max, height_px), y_min + 1)


def _draw_mask(canvas: Canvas, mark: _Mark) -> None:
    if mark.mask is not None:
        fill_mask(canvas, mark.box_px, mark.mask, colour=mark.colour, outline_px=mark.line_px)


def _draw_box(canvas: Canvas, mark: _Mark) -> None:
    """A line of the class's colour with a thin shadow on both sides, to set it off from any background."""
    x_min, y_min, x_max, y_max = mark.box_px
    width_px, height_px = canvas.size_px
    around = (max(0, x_min - 1), max(0, y_min - 1), min(x_max + 1, width_px), min(y_max + 1, height_px))
    for side in _sides(around, mark.line_px + 2):
        tint(canvas, side, _SHADOW, _SHADOW_OPACITY)
    for side in _sides(mark.box_px, mark.line_px):
        fill(canvas, side, mark.colour)


def _sides(box: Box, line_px: int) -> list[Box]:
    """Return where a line of that width on the inner side of the box's border goes, no pixel twice."""
    x_min, y_min, x_max, y_max = box
    inner_x, inner_y = min(x_min + line_px, x_max), min(y_min + line_px, y_max)
    outer_x, outer_y = max(x_max - line_px, inner_x), max(y_max - line_px, inner_y)
    return [
        (x_min, y_min, x_max, inner_y),
        (x_min, outer_y, x_max, y_max),
        (x_min, inner_y, inner_x, outer_y),
        (outer_x, inner_y, x_max, outer_y),
    ]
