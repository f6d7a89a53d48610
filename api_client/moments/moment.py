"""Moments: from frames in which a condition holds to stretches worth looking at."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from api_client.contract import Manifest
from api_client.contract.marker import Gap
from api_client.errors import SettingsError
from api_client.log.boxes import LoggedBox
from api_client.log.frame_times import FrameTimes
from api_client.log.frames import FrameRecord
from api_client.moments.condition import Condition


@dataclass(frozen=True, kw_only=True)
class Margins:
    """How stretches become moments; all in seconds."""

    pad_seconds: float = 2.0
    """Added before and after."""
    merge_seconds: float = 5.0
    """Stretches with no longer a pause between them are one."""
    min_seconds: float = 1.0
    """What is shorter, before anything is added, is left out."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value < float("inf"):
                raise SettingsError(
                    f"--{name.removesuffix('_seconds')} is {value:g} and must be 0 or more seconds"
                )


USUAL_MARGINS = Margins()


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A stretch of a video. Times are seconds since frame 0."""

    first_frame: int
    last_frame: int
    """Inclusive."""
    start_seconds: float
    end_seconds: float
    """When the frame after the last is shown."""
    found: tuple[str, ...] = ()
    """Labels of what was in its frames, those of most frames first."""

    @property
    def duration_seconds(self) -> float:
        """How long it lasts."""
        return self.end_seconds - self.start_seconds


class Clock:
    """Frame ↔ time of one video."""

    def __init__(self, manifest: Manifest) -> None:
        self._times = FrameTimes(manifest)
        self._frames = range(manifest.video.first_frame, manifest.video.end_frame)
        rate = manifest.video.average_rate
        self.end_seconds = self._times.seconds(self._frames[-1]) + rate[1] / rate[0]

    def start(self, frame_index: int) -> float:
        """When a frame is shown; the video's end for the one after the last."""
        return self._times.seconds(frame_index) if frame_index in self._frames else self.end_seconds

    def frame_at_or_after(self, seconds: float) -> int:
        """The first frame that is not shown before this time."""
        return self._frames.start + bisect_left(self._frames, seconds - 1e-9, key=self._times.seconds)


def held_frames(
    frames: Iterable[FrameRecord], condition: Condition, gaps: Sequence[Gap]
) -> Iterator[tuple[FrameRecord, bool]]:
    """Yield every frame, and whether the condition holds in it.

    In a frame that was left out on purpose (`--every`) what is of no track is still where it was at the last
    look. In a frame nobody could look at nothing holds, no `not` either.
    """
    untracked: tuple[LoggedBox, ...] = ()
    unknown = _Gaps(gaps)
    for frame in frames:
        boxes = frame.boxes
        if frame.unseen is None:
            untracked = tuple(box for box in boxes if box.tracker_id is None)
        else:
            boxes = (*boxes, *untracked)
        yield frame, frame.frame_index not in unknown and condition.holds(boxes)


class _Gaps:
    """Asked frame by frame, in order."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        self._gaps = list(reversed(gaps))

    def __contains__(self, frame_index: int) -> bool:
        while self._gaps and self._gaps[-1].last_frame < frame_index:
            self._gaps.pop()
        return bool(self._gaps) and self._gaps[-1].first_frame <= frame_index


def moments_of(held: Iterable[tuple[FrameRecord, bool]], clock: Clock, margins: Margins) -> list[Moment]:
    """Return the moments, in order; none overlaps another."""
    merged: list[Moment] = []
    for stretch in _stretches(held, clock):
        _append(merged, stretch, margins.merge_seconds)
    long_enough = (moment for moment in merged if moment.duration_seconds >= margins.min_seconds - 1e-9)
    padded: list[Moment] = []
    for moment in long_enough:
        _append(padded, _padded(moment, clock, margins.pad_seconds), 0.0)
    return padded


def _stretches(held: Iterable[tuple[FrameRecord, bool]], clock: Clock) -> Iterator[Moment]:
    first: int | None = None
    last = -1
    for frame, holds in held:
        if holds and first is None:
            first = frame.frame_index
        if not holds and first is not None:
            yield _moment(first, last, clock)
            first = None
        last = frame.frame_index
    if first is not None:
        yield _moment(first, last, clock)


def _moment(first_frame: int, last_frame: int, clock: Clock) -> Moment:
    return Moment(
        first_frame=first_frame,
        last_frame=last_frame,
        start_seconds=clock.start(first_frame),
        end_seconds=clock.start(last_frame + 1),
    )


def _append(moments: list[Moment], moment: Moment, merge_seconds: float) -> None:
    """Add a moment, or make it a part of the last one where the pause between them is short."""
    if moments and moment.start_seconds - moments[-1].end_seconds <= merge_seconds + 1e-9:
        last = moments[-1]
        moments[-1] = replace(
            last,
            last_frame=max(last.last_frame, moment.last_frame),
            end_seconds=max(last.end_seconds, moment.end_seconds),
        )
    else:
        moments.append(moment)


def _padded(moment: Moment, clock: Clock, pad_seconds: float) -> Moment:
    first = clock.frame_at_or_after(moment.start_seconds - pad_seconds)
    end = clock.frame_at_or_after(min(moment.end_seconds + pad_seconds, clock.end_seconds))
    return _moment(min(first, moment.first_frame), max(end - 1, moment.last_frame), clock)
