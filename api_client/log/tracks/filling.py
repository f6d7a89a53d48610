"""The second pass: boxes where a track was not looked for, or was missed for a moment."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord
from api_client.log.tracks.association import matched, overlaps
from api_client.log.tracks.parameters import TrackerParameters

_SAME, _SAME_PLACE = 0.3, 0.5
"""Least overlap of a detection with the box its track should have there, unseen and seen by the tracker."""


@dataclass
class _Waiting:
    """A frame that may still get boxes. Mutable."""

    frame: FrameRecord
    placed: list[LoggedBox] = field(default_factory=list)


def filled(frames: Iterable[FrameRecord], parameters: TrackerParameters) -> Iterator[FrameRecord]:
    """Yield the frames with boxes interpolated in short gaps of each track.

    At most `parameters.filled_frames` frames wait. Boxes move evenly in time between two detections.
    """
    waiting: deque[_Waiting] = deque()
    last = _LastSeen(parameters.filled_frames)
    for frame in frames:
        waiting.append(_Waiting(frame))
        for box in frame.boxes:
            previous = last.replaced(box)
            if previous is not None:
                _fill(waiting, previous, box)
        if len(waiting) > parameters.filled_frames:
            yield _completed(waiting.popleft(), parameters)
    while waiting:
        yield _completed(waiting.popleft(), parameters)


class _LastSeen:
    """The last box of each track, as long as a gap after it would be filled."""

    def __init__(self, longest_frames: int) -> None:
        self._longest_frames = longest_frames
        self._boxes: dict[int, LoggedBox] = {}
        self._room = 256

    def replaced(self, box: LoggedBox) -> LoggedBox | None:
        """Note a box; return the one before it, if there is a gap between them that is short enough."""
        if box.tracker_id is None:
            return None
        before = self._boxes.get(box.tracker_id)
        self._boxes[box.tracker_id] = box
        if len(self._boxes) > self._room:
            self._forget(box.frame_index)
        if before is None or not 1 < box.frame_index - before.frame_index <= self._longest_frames:
            return None
        return before

    def _forget(self, frame_index: int) -> None:
        oldest = frame_index - self._longest_frames
        self._boxes = {key: box for key, box in self._boxes.items() if box.frame_index >= oldest}
        self._room = 2 * len(self._boxes) + 256


def _fill(waiting: deque[_Waiting], before: LoggedBox, after: LoggedBox) -> None:
    first_waiting = waiting[0].frame.frame_index
    for frame_index in range(before.frame_index + 1, after.frame_index):
        place = waiting[frame_index - first_waiting]
        place.placed.append(_between(before, after, place.frame))


def _between(before: LoggedBox, after: LoggedBox, frame: FrameRecord) -> LoggedBox:
    share = (frame.pts - before.pts) / (after.pts - before.pts)
    start, end = np.array(before[5:10]), np.array(after[5:10])
    numbers = (start + share * (end - start)).astype(np.float32).tolist()  # as precise as the log
    confidence, x_min, y_min, x_max, y_max = numbers
    return before._replace(
        frame_index=frame.frame_index,
        pts=frame.pts,
        time_seconds=frame.time_seconds,
        confidence=confidence,
        x_min=x_min,
        y_min=y_min,
        x_max=x_max,
        y_max=y_max,
        interpolated=True,
        detected_as=None,
        mask=None,
    )


def _completed(place: _Waiting, parameters: TrackerParameters) -> FrameRecord:
    frame, placed = place.frame, place.placed
    if not placed:
        return frame
    boxes = list(frame.boxes)
    placed = _adopted(boxes, placed, followed=frame.frame_index % parameters.every == 0)
    placed.sort(key=lambda box: box.tracker_id or 0)
    return replace(frame, boxes=(*boxes, *placed))


def _adopted(boxes: list[LoggedBox], placed: list[LoggedBox], *, followed: bool) -> list[LoggedBox]:
    """Give detections of no track the identity of the box expected there, which they are then drawn for.

    Of a frame that the tracker saw only those that bear the track's label and lie there for the most part: it
    had its reasons. Changes `boxes`; returns the placed boxes that are still needed.
    """
    free = [index for index, box in enumerate(boxes) if box.tracker_id is None]
    if not free:
        return placed
    expected = np.array([box.box_xyxy_px for box in placed])
    alike = overlaps(expected, np.array([boxes[index].box_xyxy_px for index in free]))
    if followed:
        labels = [boxes[index].class_id for index in free]
        alike *= np.equal.outer([box.class_id for box in placed], labels)
    rows, columns = matched(alike, at_least=_SAME_PLACE if followed else _SAME)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        boxes[free[column]] = _as_one_of(boxes[free[column]], placed[row])
    return [box for row, box in enumerate(placed) if row not in set(rows.tolist())]


def _as_one_of(box: LoggedBox, expected: LoggedBox) -> LoggedBox:
    said = box.class_name if box.class_id != expected.class_id else None
    return box._replace(
        tracker_id=expected.tracker_id,
        class_id=expected.class_id,
        class_name=expected.class_name,
        detected_as=said,
    )
