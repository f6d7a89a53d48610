"""Comparing times with the source's own, as far as those can be relied on."""

from fractions import Fraction

from api_client.verify.report import Kind

TOLERANCE_SECONDS = Fraction(1, 1000)
"""Some containers know milliseconds only."""
RESTART_SECONDS = Fraction(1, 2)
"""A clock that falls back further begins anew; less is a repeat."""
_LONGEST_JOIN_SECONDS = 2
"""What follows a restart follows at most this much later."""
_UNCHECKED_SHARE = 0.5


class ClockCheck:
    """Follows the frames of the source beside the times somebody gives them, both in order.

    The rule: a frame keeps its own time, counted from the first frame. A frame that repeats a time (or falls
    back a little) lies between its neighbours. Where the source's clock begins anew, time goes on.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._wrong = Kind()
        self._falling = Kind()
        self._between = Kind()
        self._joins = Kind()
        self._origin: tuple[Fraction, Fraction] | None = None
        self._latest_own: Fraction | None = None
        self._latest_given: Fraction | None = None
        self._waiting: list[tuple[int, Fraction]] = []
        self._last: tuple[Fraction, Fraction] | None = None
        self.frames = 0
        self.unusable = 0
        self.shifts: list[tuple[Fraction, Fraction]] = []
        """(at the beginning, at the end) of each run of the source's clock: given minus own time."""

    def add(self, index: int, own: Fraction | None, given: Fraction) -> None:
        """Compare one frame's own time with the one it was given, in seconds."""
        self.frames += 1
        if self._latest_given is not None and given <= self._latest_given:
            self._falling.add(index, f"{_shown(given)} after {_shown(self._latest_given)}")
        if own is None or self._is_repeat(own):
            self.unusable += 1
            self._waiting.append((index, given))
        else:
            self._compare(index, own, given)
        self._latest_given = given

    def _is_repeat(self, own: Fraction) -> bool:
        latest = self._latest_own
        return latest is not None and latest - RESTART_SECONDS < own <= latest

    def _compare(self, index: int, own: Fraction, given: Fraction) -> None:
        if self._latest_own is None or own <= self._latest_own - RESTART_SECONDS:
            self._begin_anew(index, own, given)
        assert self._origin is not None
        wanted = self._origin[1] + own - self._origin[0]
        difference = abs(given - wanted)
        if difference > TOLERANCE_SECONDS + len(self._waiting) * TOLERANCE_SECONDS:
            text = (
                f"frame {index}: {_shown(given - self._origin[1])} instead of {_shown(own - self._origin[0])}"
            )
            self._wrong.add(index, text, float(difference))
        for waiting, time in self._waiting:
            if time > wanted + TOLERANCE_SECONDS:
                self._between.add(waiting, f"frame {waiting} at {_shown(time)}", float(time - wanted))
        self._waiting = []
        self._latest_own = own
        begin = self.shifts[-1][0]
        self.shifts[-1] = (begin, given - own)

    def _begin_anew(self, index: int, own: Fraction, given: Fraction) -> None:
        if self._latest_given is not None and self._latest_own is not None:
            pause = given - self._latest_given
            if not 0 < pause <= _LONGEST_JOIN_SECONDS:
                self._joins.add(index, f"a pause of {float(pause):.3f} s")
        self._origin = (own, given)
        self.shifts.append((given - own, given - own))

    def differences(self) -> list[str]:
        """One line a kind."""
        lines = []
        if self.is_usable and self._wrong.count:
            lines.append(
                f"{self._what} shows {self._wrong.where} at another time than the source, "
                f"worst {self._wrong.worst_text}"
            )
        if self.is_usable and self._between.count:
            lines.append(
                f"{self._what} shows {self._between.where}, whose time the source repeats, "
                f"after the frame that follows there: worst {self._between.worst_text}"
            )
        if self._joins.count:
            lines.append(
                f"{self._what} does not go on where the source's clock begins anew: {self._joins.worst_text}"
            )
        if self._falling.count:
            lines.append(
                f"{self._what} shows {self._falling.where} not after the one before: "
                f"{self._falling.worst_text}"
            )
        return lines

    @property
    def is_usable(self) -> bool:
        """Whether enough frames have a time of their own."""
        return self.frames - self.unusable >= _UNCHECKED_SHARE * self.frames


def _shown(seconds: Fraction) -> str:
    return f"{float(seconds):.3f} s"
