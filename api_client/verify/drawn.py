"""Which pixels of an annotated frame may differ from the source, because something was drawn there."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api_client.verify.thumbnail import ThumbnailSize

Mask = NDArray[np.bool_]
"""(H, W) of a thumbnail, True where nothing was drawn."""

_CONFIDENCE_LETTERS = 5
"""As in " 100%"."""


@dataclass(frozen=True, kw_only=True)
class DrawingArea:
    """The geometry of one annotated video."""

    log_px: tuple[int, int]
    """(width, height) of the frame whose pixels the log counts in."""
    thumbnail: ThumbnailSize

    def untouched(self, detections: Iterable[dict[str, Any]], *, inside_counts: bool = False) -> Mask:
        """What is left outside of boxes, their lines and their tags; inside of boxes too, if it counts."""
        size = self.thumbnail
        mask = np.ones((size.height_px, size.width_px), dtype=np.bool_)
        for detection in detections:
            box = [float(detection[side]) for side in ("x_min", "y_min", "x_max", "y_max")]
            for zone in self._zones(box, str(detection["class_name"]), inside_counts):
                self._exclude(mask, zone)
        return mask

    def _zones(self, box: list[float], name: str, inside_counts: bool) -> list[list[float]]:
        x_min, y_min, x_max, y_max = box
        short = min(self.log_px)
        line = short / 240 + 2
        text = max(9.0, short / 40)
        tag_height, tag_width = 1.4 * text + 2, self._text_width(name) * text + 0.7 * text
        left = min(x_min, x_max - tag_width, self.log_px[0] - tag_width)
        right = max(x_max, x_min + tag_width, tag_width)
        tags = [
            [left, y_min - tag_height, right, y_min + tag_height],
            [left, y_max - tag_height, right, y_max + tag_height],
        ]
        if not inside_counts:
            return [*tags, [x_min - line, y_min - line, x_max + line, y_max + line]]
        return [
            *tags,
            [x_min - line, y_min - line, x_min + 2 * line, y_max + line],
            [x_max - 2 * line, y_min - line, x_max + line, y_max + line],
        ]

    @staticmethod
    def _text_width(name: str) -> float:
        """In units of the text's height, rather too much than too little."""
        wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in name)
        return 0.65 * (len(name) - wide + _CONFIDENCE_LETTERS) + 1.1 * wide

    def _exclude(self, mask: Mask, zone_px: list[float]) -> None:
        size = self.thumbnail
        scale_x, scale_y = size.width_px / self.log_px[0], size.height_px / self.log_px[1]
        x_min, x_max = zone_px[0] * scale_x, zone_px[2] * scale_x
        y_min, y_max = zone_px[1] * scale_y, zone_px[3] * scale_y
        # one pixel more on each side, for the blur
        rows = slice(max(0, int(np.floor(y_min)) - 1), max(0, int(np.ceil(y_max)) + 1))
        columns = slice(max(0, int(np.floor(x_min)) - 1), max(0, int(np.ceil(x_max)) + 1))
        mask[rows, columns] = False
