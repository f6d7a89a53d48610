"""For formats that are written track by track: each is handed on when its last box has come."""

from collections.abc import Iterator, Mapping

from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord


class WholeTracks:
    """Collects the boxes of tracks that have not ended."""

    def __init__(self, last_frames: Mapping[int, int]) -> None:
        self._last_frames = last_frames
        self._open: dict[int, list[LoggedBox]] = {}

    def add(self, frame: FrameRecord) -> Iterator[list[LoggedBox]]:
        """Yield what ends with this frame; a detection of no track stands alone."""
        for box in frame.boxes:
            if box.tracker_id is None:
                yield [box]
                continue
            boxes = self._open.setdefault(box.tracker_id, [])
            boxes.append(box)
            if box.frame_index >= self._last_frames[box.tracker_id]:
                yield self._open.pop(box.tracker_id)


def stretches(boxes: list[LoggedBox]) -> Iterator[list[LoggedBox]]:
    """Split a track where a frame is missing."""
    stretch: list[LoggedBox] = []
    for box in boxes:
        if stretch and box.frame_index != stretch[-1].frame_index + 1:
            yield stretch
            stretch = []
        stretch.append(box)
    yield stretch
