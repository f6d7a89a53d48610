"""The frames of a source that a job took: all, or those of a range of time."""

from collections.abc import Iterator
from fractions import Fraction

from api_client.verify.decoded import Shown
from api_client.verify.results import Results


class TakenFrames:
    """Passes over what was not taken, and remembers when the frames at its borders are shown."""

    def __init__(self, frames: Iterator[Shown], results: Results) -> None:
        self._frames = frames
        self._first = results.first_frame
        self._stop = results.first_frame + results.frame_count if results.is_range else None
        self.zero_seconds: Fraction | None = None
        """When the source's first frame is shown, on its own clock."""
        self._start_seconds: Fraction | None = None
        self._end_seconds: Fraction | None = None
        self._goes_on = False

    def __iter__(self) -> Iterator[Shown]:
        for number, shown in enumerate(self._frames):
            if number == 0:
                self.zero_seconds = shown.time_seconds
            if self._stop is not None and number >= self._stop:
                self._end_seconds, self._goes_on = shown.time_seconds, True
                return
            if number == self._first:
                self._start_seconds = shown.time_seconds
            if number >= self._first:
                yield shown

    @property
    def span_seconds(self) -> "Span | None":
        """When what was taken begins and ends, once all is read; None where the source does not tell."""
        if (self._first and self._start_seconds is None) or (self._goes_on and self._end_seconds is None):
            return None
        return (self._start_seconds if self._first else None, self._end_seconds)


Span = tuple[Fraction | None, Fraction | None]
"""(beginning, end) on the source's own clock; None where everything is taken up to there."""
