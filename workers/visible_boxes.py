"""Which boxes of the log are drawn in which frame of a part.

Where frames are looked at often, what is seen in too few to be a track is left out: it would flash. Where
they are looked at seldom (`--every`), each sighting matters, and stays until the next look.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

from api_client.contract import Manifest, Rendering
from api_client.log.boxes import LoggedBox
from api_client.log.part_rows import DrawableBox, read_rows

_OFTEN = 5
"""Looks a second, from which on a box of no track is a flash."""


class VisibleBoxes:
    """What is drawn in one part, and what is known of its neighbours."""

    def __init__(self, manifest: Manifest, rendering: Rendering, rows: Mapping[int, Path]) -> None:
        self._job, self._rendering = manifest.job, rendering
        looks_a_second = Fraction(*manifest.video.average_rate) / manifest.job.every
        self._shows_untracked = not manifest.job.tracks or looks_a_second < _OFTEN
        kept = (
            drawable.box for path in rows.values() for drawable in read_rows(path) if self._wanted(drawable)
        )
        self.everything = sorted(kept, key=lambda box: box.frame_index)
        """Of all parts whose rows are there, in the order of their frames, those of no track included."""
        self._by_frame: dict[int, list[LoggedBox]] = {}
        for box in self.everything:
            if box.tracker_id is not None or self._shows_untracked:
                self._by_frame.setdefault(box.frame_index, []).append(box)

    def of_frames(self, first_frame: int, count: int) -> Iterator[list[LoggedBox]]:
        """Yield what is drawn in each frame, from the first of the part on."""
        held: list[LoggedBox] = []
        for frame_index in range(first_frame, first_frame + count):
            boxes = self._by_frame.get(frame_index, [])
            if self._job.is_sampled(frame_index, first_frame):
                held = [box._replace(interpolated=True) for box in boxes if box.tracker_id is None]
                yield boxes
            else:
                yield [*boxes, *held]

    def _wanted(self, drawable: DrawableBox) -> bool:
        if self._rendering.only and drawable.box.class_name not in self._rendering.only:
            return False
        return drawable.best_confidence >= (self._rendering.threshold or 0.0)
