"""The comparison itself: source, annotated video and log frame by frame, each read once."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from api_client.errors import MediaError
from api_client.verify.clock import TOLERANCE_SECONDS, ClockCheck
from api_client.verify.decoded import AnyFilm, Shown
from api_client.verify.log_files import LogFiles, LoggedFrame
from api_client.verify.pictures import LARGEST_ENCODED_PX, Pictures, Seen, log_size
from api_client.verify.report import Kind
from api_client.verify.results import Results
from api_client.verify.taken import Span, TakenFrames

OnProgress = Callable[[int, int], None]
"""Called after each frame with how many are done, and how many there are to be."""

_UNDECODABLE = "cannot be decoded"


class Comparison:
    """Counts what differs while the three are read side by side. One use each."""

    def __init__(self, source: AnyFilm, annotated: AnyFilm | None, results: Results) -> None:
        self._source, self._annotated, self._results = source, annotated, results
        self._taken = TakenFrames(source.frames(), results)
        self._ahead = _Ahead(iter(self._taken))
        drawn_frames = _Ahead(annotated.frames()) if annotated else None
        first, first_drawn = self._ahead.peek(), drawn_frames.peek() if drawn_frames else None
        self._drawn = drawn_frames
        self._annotated_px = first_drawn.size_px if first_drawn else None
        source_px = first.size_px if first else (1, 1)
        self._pictures = self._pictures_of(first_drawn, source_px)
        log_px = log_size(self._annotated_px, source_px) if self._annotated_px else source_px
        self.log = LogFiles(results.files, log_px, first_frame=results.first_frame)
        self.video_clock = ClockCheck("the annotated video", source.unit_seconds)
        self._log_clock = ClockCheck("the log", source.unit_seconds)
        self._origin = self._taken.zero_seconds
        if results.first_frame and first is not None and self._origin is not None:
            self._log_clock.add(0, self._origin, Fraction(0))  # times count from there
        self._previous: Seen | None = None
        self._own: Seen | None = None
        self._last_boxes: tuple[dict[str, Any], ...] = ()
        self._sizes: set[tuple[int, int]] = set()
        self.source_frames = self.logged_frames = self.drawn_frames = 0
        self._absent, self._decodable = Kind(), Kind()
        self._unnamed_gap, self._denied_gap = Kind(), Kind()
        self.damaged = Kind()

    def _pictures_of(self, first_drawn: Shown | None, source_px: tuple[int, int]) -> Pictures | None:
        if first_drawn is None:
            return None
        lenient = any("interlac" in note for note in self._results.notes)
        return Pictures(first_drawn.size_px, source_px, lenient=lenient)

    def run(self, on_progress: OnProgress) -> None:
        """Read everything to its end."""
        drawn: Iterator[Shown | None] = iter(self._drawn) if self._drawn else iter(())
        first = self._results.first_frame
        for index, (record, picture) in enumerate(zip_longest(self.log.read(), drawn), first):
            self.logged_frames += record is not None
            self.drawn_frames += picture is not None
            shown = self._source_frame(index, record)
            self._check_times(index, record, picture, shown)
            if record is not None:
                self._check_unseen(index, record)
            if shown is not None and picture is not None:
                self._check_picture(index, record, picture, shown)
            on_progress(index - first + 1, self._results.frame_count)
        self.video_clock.finish()
        self._log_clock.finish()
        left = sum(1 for _ in self._ahead)
        if self._results.is_range:  # for each frame that cannot be decoded one more was read at the end
            left = max(0, left - self._absent.count)
        self.source_frames += left
        if not self.source_frames:
            raise MediaError(
                f"{str(self._source.path)!r} cannot be decoded: there is nothing to compare with"
            )

    def _source_frame(self, index: int, record: LoggedFrame | None) -> Shown | None:
        """The source's frame that belongs to a line of the log; None where the source has none there."""
        upcoming = self._ahead.peek()
        if record is not None and record.unseen is not None and _UNDECODABLE in record.unseen:
            if upcoming is None or self._is_later(upcoming, record):
                self._absent.add(index)
                return None
            self._decodable.add(index)
        if upcoming is None:
            return None
        self._sizes.add(upcoming.size_px)
        self.source_frames += 1
        return self._ahead.take()

    def _is_later(self, upcoming: Shown, record: LoggedFrame) -> bool:
        if upcoming.time_seconds is None or self._origin is None:
            return False
        return float(upcoming.time_seconds - self._origin) > record.time_seconds + float(TOLERANCE_SECONDS)

    def _check_times(
        self, index: int, record: LoggedFrame | None, picture: Shown | None, shown: Shown | None
    ) -> None:
        if shown is None:
            return
        if record is not None:
            self._log_clock.add(index, shown.time_seconds, Fraction(record.time_seconds))
        if picture is not None:
            self.video_clock.add(index, shown.time_seconds, picture.time_seconds or Fraction(0))

    def _check_unseen(self, index: int, record: LoggedFrame) -> None:
        in_a_gap = self._results.in_a_gap(index)
        if in_a_gap and record.unseen is None:
            self._denied_gap.add(index)
        excused = in_a_gap or self._results.is_sampled
        if record.unseen is not None and not excused and _UNDECODABLE not in record.unseen:
            self._unnamed_gap.add(index, record.unseen)

    def _check_picture(self, index: int, record: LoggedFrame | None, picture: Shown, shown: Shown) -> None:
        assert self._pictures is not None
        own = self._own if self._own is not None and self._own.shown is shown else self._pictures.seen(shown)
        upcoming = self._ahead.peek()
        following = self._pictures.seen(upcoming) if upcoming is not None else None
        if shown.frame.is_corrupt:
            self.damaged.add(index)
        elif not self._results.in_a_gap(index):
            self._pictures.compare(index, own, (self._previous, following), picture, self._boxes(record))
        self._previous, self._own = own, following

    def _boxes(self, record: LoggedFrame | None) -> tuple[dict[str, Any], ...]:
        """What may be drawn in a frame: its own boxes, or where nobody looked those of the last look."""
        if record is None:
            return self._last_boxes
        if record.unseen is None:
            self._last_boxes = record.detections
            return record.detections
        return (*record.detections, *self._last_boxes)

    @property
    def span_seconds(self) -> Span | None:
        """Of what was taken, on the source's own clock; None where that does not tell."""
        return self._taken.span_seconds

    def differences(self) -> list[str]:
        """One line a kind."""
        pictures = self._pictures.differences() if self._pictures else []
        return [
            *self._count_differences(),
            *self._size_differences(),
            *self.video_clock.differences(),
            *pictures,
            *self._log_clock.differences(),
            *self.log.differences(),
            *self._unseen_differences(),
        ]

    def _count_differences(self) -> Iterator[str]:
        results, source = self._results, self._source
        if self._annotated is not None and self._annotated.broken_off is not None:
            yield f"the annotated video cannot be read to its end ({self._annotated.broken_off})"
        excused = min(self._absent.count, source.refused_packets)
        if self._absent.count > excused:
            yield (
                f"{self._absent.count} frames are logged as undecodable where the source has no frame: "
                f"a plain decoder gives {self.source_frames} and refuses {source.refused_packets} packets"
            )
        expected = self.source_frames + excused
        if self.logged_frames != expected:
            yield f"the log has {self.logged_frames} frames, the source {expected}"
        if self._annotated is not None and self.drawn_frames != expected:
            yield f"the annotated video has {self.drawn_frames} frames, the source {expected}"
        if (results.frame_count, results.detection_count) != (self.log.frames, self.log.detections):
            yield (
                f"job.json counts {results.frame_count} frames and {results.detection_count} detections, "
                f"the log has {self.log.frames} and {self.log.detections}"
            )

    def _size_differences(self) -> Iterator[str]:
        if self._annotated_px is None or not self._sizes:
            return
        width, height = self._annotated_px
        largest = max(self._sizes, key=lambda size: size[0] * size[1])
        around = (max(w for w, _ in self._sizes), max(h for _, h in self._sizes))
        if any(_is_size(self._annotated_px, size) for size in (largest, around)):
            return
        which = "largest frame" if len(self._sizes) > 1 else "picture"
        yield (
            f"the annotated video is {width}x{height}, "
            f"the source's {which} {largest[0]}x{largest[1]} as it is to be shown"
        )

    def _unseen_differences(self) -> Iterator[str]:
        if self._decodable.count:
            where = self._decodable.where
            yield f"the log says of {where} that it cannot be decoded, but a plain decoder shows it"
        if self._unnamed_gap.count:
            yield (
                f"the log says that nobody looked at {self._unnamed_gap.where} "
                f"({self._unnamed_gap.worst_text}), and job.json names no gap there"
            )
        if self._denied_gap.count:
            yield f"job.json names a gap at {self._denied_gap.where}, where the log says somebody looked"

    def remarks(self) -> list[str]:
        """What could not be compared."""
        told = []
        if not self.video_clock.is_usable:
            told.append("the source gives its frames no times of their own: only their order was compared")
        if self._source.broken_off is not None:
            told.append(f"the source cannot be read to its end ({self._source.broken_off})")
        if self.damaged.count:
            told.append(f"{self.damaged.where} is damaged in the source: its picture was not compared")
        if self._pictures and self._pictures.covered.count:
            told.append(f"{self._pictures.covered.where} is mostly drawn over: only roughly compared")
        if self._results.gaps:
            told.append("pictures were not compared in the gaps that job.json names")
        return told

    @property
    def worst(self) -> tuple[int, float] | None:
        """(frame, PSNR in dB) of the picture least like the source's."""
        worst = self._pictures.worst if self._pictures else None
        if worst is None or worst.worst_index is None:
            return None
        return worst.worst_index, -worst.worst_amount


class _Ahead:
    """An iterator one may look into by one."""

    def __init__(self, frames: Iterator[Shown]) -> None:
        self._frames = frames
        self._held: Shown | None = None
        self._is_held = False

    def peek(self) -> Shown | None:
        if not self._is_held:
            self._held, self._is_held = next(self._frames, None), True
        return self._held

    def take(self) -> Shown | None:
        frame = self.peek()
        self._is_held = False
        return frame

    def __iter__(self) -> "Iterator[Shown]":
        while (frame := self.take()) is not None:
            yield frame


def _is_size(annotated_px: tuple[int, int], source_px: tuple[int, int]) -> bool:
    """Whether it is the source's size, padded to even numbers, or smaller where no encoder takes that."""
    if all(0 <= a - s <= 1 for a, s in zip(annotated_px, source_px, strict=True)):
        return True
    aspect = annotated_px[0] / annotated_px[1] * source_px[1] / source_px[0]
    return max(source_px) > LARGEST_ENCODED_PX and abs(aspect - 1) < 0.02
