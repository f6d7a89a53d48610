"""Draws detections into a frame: masks, then boxes, then tags with label and confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from api_client.log.palette import Rgb, colour_of, text_colour_on
from workers.detectors.detections import Detections
from workers.drawing.label_text import drawable, fitted, put_text, text_width_px
from workers.drawing.mask_fill import fill_mask
from workers.drawing.tag_layout import Box, place_tags
from workers.drawing.tint import tinted

_SHADOW: Rgb = (0, 0, 0)
_SHADOW_OPACITY = 0.55


@dataclass(frozen=True, kw_only=True)
class _Style:
    """Sizes that suit one size of picture."""

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
    """One detection as it is drawn."""

    box_px: Box
    text: str
    colour: Rgb
    mask: NDArray[np.uint8] | None


def draw(frame: NDArray[np.uint8], detections: Detections, labels: Sequence[str]) -> NDArray[np.uint8]:
    """Return a copy of the frame with the detections drawn in; the most confident on top.

    frame: (H, W, 3) RGB. labels: the vocabulary's. Equal arguments give equal pixels.
    """
    picture = frame.copy()
    height_px, width_px = picture.shape[:2]
    style = _Style.suiting(width_px, height_px)
    marks = [_mark(detections, row, labels, style, width_px, height_px) for row in range(len(detections))]
    tags = place_tags(
        [mark.box_px for mark in marks],
        [
            (text_width_px(mark.text, style.text_px) + 2 * style.padding_px, style.tag_height_px)
            for mark in marks
        ],
        (width_px, height_px),
    )
    for mark in reversed(marks):
        _draw_mask(picture, mark, style)
    for mark in reversed(marks):
        _draw_box(picture, mark, style)
    for mark, tag in reversed(list(zip(marks, tags, strict=True))):
        _draw_tag(picture, mark, tag, style)
    return picture


def _mark(
    detections: Detections, row: int, labels: Sequence[str], style: _Style, width_px: int, height_px: int
) -> _Mark:
    label = labels[detections.label_ids[row]]
    confidence = f"{detections.scores[row]:.0%}"
    return _Mark(
        box_px=_whole_pixels(detections.boxes_xyxy_px[row], width_px, height_px),
        text=fitted(drawable(label), confidence, style.text_px, width_px - 2 * style.padding_px),
        colour=colour_of(label),
        mask=None if detections.masks is None else detections.masks[row],
    )


def _whole_pixels(box_xyxy_px: NDArray[np.float32], width_px: int, height_px: int) -> Box:
    """Return the pixels a box covers, at least one, inside the picture."""
    x_min, y_min, x_max, y_max = np.rint(box_xyxy_px).astype(int).tolist()
    x_min, y_min = min(max(x_min, 0), width_px - 1), min(max(y_min, 0), height_px - 1)
    return x_min, y_min, max(min(x_max, width_px), x_min + 1), max(min(y_max, height_px), y_min + 1)


def _draw_mask(picture: NDArray[np.uint8], mark: _Mark, style: _Style) -> None:
    if mark.mask is not None:
        fill_mask(picture, mark.box_px, mark.mask, colour=mark.colour, outline_px=style.line_px)


def _draw_box(picture: NDArray[np.uint8], mark: _Mark, style: _Style) -> None:
    """A line of the class's colour with a thin shadow on both sides, to set it off from any background."""
    x_min, y_min, x_max, y_max = mark.box_px
    around = (max(0, x_min - 1), max(0, y_min - 1), x_max + 1, y_max + 1)
    for side in _sides(around, style.line_px + 2):
        if picture[side].size:  # OpenCV refuses to do nothing
            picture[side] = tinted(picture[side], _SHADOW, _SHADOW_OPACITY)
    for side in _sides(mark.box_px, style.line_px):
        picture[side] = mark.colour


def _sides(box: Box, line_px: int) -> list[tuple[slice, slice]]:
    """Return where a line of that width on the inner side of the box's border goes, no pixel twice."""
    x_min, y_min, x_max, y_max = box
    inner_x, inner_y = min(x_min + line_px, x_max), min(y_min + line_px, y_max)
    outer_x, outer_y = max(x_max - line_px, inner_x), max(y_max - line_px, inner_y)
    return [
        np.s_[y_min:inner_y, x_min:x_max],
        np.s_[outer_y:y_max, x_min:x_max],
        np.s_[inner_y:outer_y, x_min:inner_x],
        np.s_[inner_y:outer_y, outer_x:x_max],
    ]


def _draw_tag(picture: NDArray[np.uint8], mark: _Mark, tag: Box, style: _Style) -> None:
    x_min, y_min, x_max, y_max = tag
    picture[y_min:y_max, x_min:x_max] = mark.colour
    baseline = (x_min + style.padding_px, y_min + style.ascent_px)
    put_text(picture, mark.text, baseline, style.text_px, text_colour_on(mark.colour))
