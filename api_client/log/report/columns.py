"""Every frame and box of a log as columns of numbers, compressed: what the page counts and draws from.

A hundred thousand frames with four boxes each are about a megabyte. The columns follow each other, little
endian: `time_steps`, `track`, `boxes_in_frame`, `word`, `confidence`, `interpolated`.
"""

import base64
import sys
import zlib
from array import array
from collections.abc import Iterable

from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord

TIMES_PER_SECOND = 10_000
CONFIDENCE_STEPS = 200
"""Rounded down to half a percent: whole percents compare exactly, and can still be rounded for people."""
MOST_BOXES_IN_FRAME = 0xFFFF
"""Of one frame; the best, which come first."""
_LONGEST_STEP = 0xFFFFFFFF


class LogColumns:
    """Takes one frame after the other. Knows words and tracks by their place in order of appearance."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        """Label → its number in the columns."""
        self.tracks: dict[int, int] = {}
        """`tracker_id` → its number in the columns; 0 is no track."""
        self.frames = 0
        self.frames_looked_at = 0
        self._now = 0
        self._time_steps, self._track = array("I"), array("I")
        self._boxes_in_frame, self._word = array("H"), array("H")
        self._confidence, self._interpolated = array("B"), array("B")

    @classmethod
    def of(cls, frames: Iterable[FrameRecord]) -> "LogColumns":
        """Take in a whole log."""
        columns = cls()
        for frame in frames:
            columns.add(frame)
        return columns

    @property
    def boxes(self) -> int:
        """How many there are."""
        return len(self._confidence)

    def add(self, frame: FrameRecord) -> None:
        """Take in the next frame."""
        time = round(frame.time_seconds * TIMES_PER_SECOND)
        self._time_steps.append(min(max(time - self._now, 0), _LONGEST_STEP))
        self._now = time
        boxes = frame.boxes[:MOST_BOXES_IN_FRAME]
        self._boxes_in_frame.append(len(boxes))
        self.frames += 1
        self.frames_looked_at += frame.unseen is None
        for box in boxes:
            self._add_box(box)

    def packed(self) -> str:
        """Return the columns as base64 of zlib."""
        columns = (
            *(self._time_steps, self._track, self._boxes_in_frame, self._word),
            *(self._confidence, self._interpolated),
        )
        return base64.b64encode(zlib.compress(b"".join(map(_little_endian, columns)), 9)).decode()

    def _add_box(self, box: LoggedBox) -> None:
        self._word.append(self.words.setdefault(box.class_name, len(self.words)))
        track = box.tracker_id
        self._track.append(0 if track is None else self.tracks.setdefault(track, len(self.tracks) + 1))
        # rounded first: .55 as a 32-bit number may be a little less than .55
        steps = int(round(box.confidence, 6) * CONFIDENCE_STEPS + 1e-9)
        self._confidence.append(min(max(steps, 0), CONFIDENCE_STEPS))
        self._interpolated.append(box.interpolated)


def _little_endian(column: "array[int]") -> bytes:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()
