"""The log, frame by frame: what each frame of the video is said to contain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from api_client.contract import Manifest
from api_client.contract.marker import Gap
from api_client.log.boxes import LoggedBox
from api_client.log.plain_text import one_line

_LONGEST_REASON = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameRecord:
    """One frame of the video, or one picture, and what is known of it."""

    frame_index: int
    pts: int
    time_seconds: float
    """Since frame 0."""
    unseen: str | None
    """Why no detector looked at this frame, in one short line; None where one did."""
    boxes: tuple[LoggedBox, ...]
    """Detections, best first, then what was interpolated."""
    size_px: tuple[int, int]
    """(width, height), in which the boxes are."""
    file_name: str | None = None
    """Where the frame is a picture: its name; then it has no time."""

    @property
    def detections(self) -> tuple[LoggedBox, ...]:
        """What a detector saw in this frame."""
        return tuple(box for box in self.boxes if not box.interpolated)


def frames_of(manifest: Manifest, gaps: Iterable[Gap], boxes: Iterator[LoggedBox]) -> Iterator[FrameRecord]:
    """Yield every frame of the video once, in order, with its boxes, which are in frame order."""
    why_unseen = _WhyUnseen(manifest, gaps)
    by_frame = groupby(boxes, key=lambda box: box.frame_index)
    logged_frame, logged = next(by_frame, (-1, None))
    for frame_index, pts, chunk_first in _frame_times(manifest):
        found: tuple[LoggedBox, ...] = ()
        if logged is not None and logged_frame == frame_index:
            found = tuple(logged)
            logged_frame, logged = next(by_frame, (-1, None))
        yield FrameRecord(
            frame_index=frame_index,
            pts=pts,
            time_seconds=manifest.video.time_seconds(pts),
            unseen=why_unseen(frame_index, chunk_first),
            boxes=found,
            size_px=manifest.footage.size_px(frame_index),
            file_name=picture.name if (picture := manifest.footage.picture(frame_index)) else None,
        )
    assert logged is None, f"the log has frame {logged_frame}, which the video does not have"


def _frame_times(manifest: Manifest) -> Iterator[tuple[int, int, int]]:
    """Yield frame index, pts, and the first frame of its chunk."""
    for chunk in manifest.chunks:
        for frame_index, pts in zip(chunk.frame_indices, chunk.pts, strict=True):
            yield frame_index, pts, chunk.first_frame


class _WhyUnseen:
    """Asked frame by frame, in order."""

    def __init__(self, manifest: Manifest, gaps: Iterable[Gap]) -> None:
        self._job = manifest.job
        self._gaps = iter(gaps)
        self._gap = next(self._gaps, None)
        self._reason = self._next_reason()

    def __call__(self, frame_index: int, chunk_first_frame: int) -> str | None:
        while self._gap is not None and frame_index > self._gap.last_frame:
            self._gap = next(self._gaps, None)
            self._reason = self._next_reason()
        if self._gap is not None and frame_index >= self._gap.first_frame:
            return self._reason
        if not self._job.is_sampled(frame_index, chunk_first_frame):
            return f"only one frame in {self._job.every} is looked at"
        return None

    def _next_reason(self) -> str:
        return one_line(self._gap.reason, most=_LONGEST_REASON) if self._gap else ""
