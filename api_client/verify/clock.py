"""Comparing times with the source's own, as far as those can be relied on."""

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

from api_client.verify.report import Kind

TOLERANCE_SECONDS = Fraction(1, 1000)
"""Some containers know milliseconds only."""
RESTART_SECONDS = Fraction(1, 2)
"""What falls back further than this is no repeat."""
_LONGEST_SLIP = 3
"""Frames in a row whose own time is nonsense, between frames whose time is right."""
_LONGEST_JOIN_SECONDS = 10
"""What follows where a clock begins anew follows at most this much later: sound may outlast its pictures."""
_LEAST_USABLE_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class _Frame:
    index: int
    own: Fraction | None
    given: Fraction


class ClockCheck:
    """Follows the frames of the source beside the times somebody gives them, both in order.

    The rule: a frame keeps its own time, counted from the first frame. One that repeats a time, or whose time
    is out of order by itself, lies between its neighbours. Where the source's clock falls back and stays
    there it begins anew, and time goes on.
    """

    def __init__(self, what: str, unit_seconds: Fraction) -> None:
        self._what = what
        self._unit = unit_seconds
        self._wrong, self._falling, self._between, self._joins = Kind(), Kind(), Kind(), Kind()
        self._pending: deque[_Frame] = deque()
        self._origin: tuple[Fraction, Fraction] | None = None
        self._latest_own: Fraction | None = None
        self._latest_given: Fraction | None = None
        self._waiting: list[_Frame] = []
        self._frames = self._unusable = 0
        self.shifts: list[tuple[Fraction, Fraction]] = []
        """(at the beginning, at the end) of each run of the source's clock: given minus own time."""

    def add(self, index: int, own: Fraction | None, given: Fraction) -> None:
        """Compare one frame's own time with the one it was given, in seconds."""
        self._pending.append(_Frame(index=index, own=own, given=given))
        if len(self._pending) > _LONGEST_SLIP:
            self._take()

    def finish(self) -> None:
        """There are no further frames."""
        while self._pending:
            self._take()

    def _take(self) -> None:
        frame = self._pending.popleft()
        self._frames += 1
        if self._latest_given is not None and frame.given <= self._latest_given:
            text = f"frame {frame.index} at {_shown(frame.given)} after {_shown(self._latest_given)}"
            self._falling.add(frame.index, text)
        if frame.own is None or self._is_slip(frame.own):
            self._unusable += 1
            self._waiting.append(frame)
        else:
            self._compare(frame, frame.own)
        self._latest_given = frame.given

    def _is_slip(self, own: Fraction) -> bool:
        """Whether this time is out of order by itself, which the frames that follow tell."""
        latest = self._latest_own
        following = [frame.own for frame in self._pending if frame.own is not None]
        if latest is None:
            return bool(following) and all(later < own - RESTART_SECONDS for later in following)
        if own > latest:
            return any(latest < later < own - RESTART_SECONDS for later in following)
        stays = len(following) == _LONGEST_SLIP or latest - own > 1
        return own == latest or not stays or any(later > latest for later in following)

    def _compare(self, frame: _Frame, own: Fraction) -> None:
        if self._latest_own is None or own < self._latest_own:
            self._begin_anew(frame, own)
        assert self._origin is not None
        wanted = self._origin[1] + own - self._origin[0]
        if abs(frame.given - wanted) > TOLERANCE_SECONDS and not self._is_pushed(frame, wanted):
            given, stated = frame.given - self._origin[1], own - self._origin[0]
            text = f"frame {frame.index}: {_shown(given)} instead of {_shown(stated)}"
            self._wrong.add(frame.index, text, float(abs(frame.given - wanted)))
        for waiting in self._waiting:
            if waiting.given >= max(wanted, frame.given) + TOLERANCE_SECONDS or waiting.given >= frame.given:
                text = f"frame {waiting.index} at {_shown(waiting.given)}"
                self._between.add(waiting.index, text, float(waiting.given - wanted))
        self._waiting = []
        self._latest_own = own
        self.shifts[-1] = (self.shifts[-1][0], frame.given - own)

    def _is_pushed(self, frame: _Frame, wanted: Fraction) -> bool:
        """Whether it is late because its predecessor is, and follows as closely as the source's clock can."""
        if self._latest_given is None or frame.given < wanted:
            return False
        return frame.given - self._latest_given <= self._unit + Fraction(1, 1_000_000)

    def _begin_anew(self, frame: _Frame, own: Fraction) -> None:
        if self._latest_given is not None and self._latest_own is not None:
            pause = frame.given - self._latest_given
            if not 0 < pause <= _LONGEST_JOIN_SECONDS:
                self._joins.add(frame.index, f"a pause of {float(pause):.3f} s before frame {frame.index}")
            self._waiting = []
        self._origin = (own, frame.given)
        self.shifts.append((frame.given - own, frame.given - own))

    def differences(self) -> list[str]:
        """One line a kind."""
        told = [
            (self._wrong, "at another time than the source, worst"),
            (self._between, "after the frame that follows, whose time alone the source tells: worst"),
        ]
        lines = [
            f"{self._what} shows {kind.where} {text} {kind.worst_text}"
            for kind, text in told
            if kind.count and self.is_usable
        ]
        if self._joins.count:
            text = self._joins.worst_text
            lines.append(f"{self._what} does not go on where the source's clock begins anew: {text}")
        if self._falling.count:
            text = self._falling.worst_text
            lines.append(f"{self._what} shows {self._falling.where} not after the one before: {text}")
        return lines

    @property
    def is_usable(self) -> bool:
        """Whether enough frames have a time of their own."""
        return self._frames - self._unusable >= _LEAST_USABLE_SHARE * self._frames


def _shown(seconds: Fraction) -> str:
    return f"{float(seconds):.3f} s"
