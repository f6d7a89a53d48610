"""One track and the zones and lines it meets.

Between two frames in which it was seen an object is taken to have gone straight, at an even pace: so a visit
that begins and ends between two looks counts, and times are those of the edge, not of the next frame.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from api_client.contract.zones import Line, Point, Zone
from api_client.zones.geometry import crossing, is_inside, shares_inside

Happening = Literal["entered", "left", "to_right", "to_left"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """Where an object stood in one frame."""

    time_seconds: float
    """Since frame 0."""
    foot: Point


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened at an edge."""

    time_seconds: float
    what: Happening
    place: Point


class Visit:
    """A track in one zone. Takes one sight after the other; holds no more than the last."""

    def __init__(self, zone: Zone, first: Sight) -> None:
        self.zone = zone
        self.began_inside = self.is_inside = is_inside(first.foot, zone)
        """Began inside: it was there when it was first seen, and did not enter."""
        self.dwell_seconds = 0.0
        """How long it was inside, in all."""
        self.events: list[Event] = []
        """Entered and left, in turn."""
        self._last = first

    def add(self, sight: Sight) -> None:
        """Go on to where it was seen next."""
        stretches = shares_inside((self._last.foot, sight.foot), self.zone)
        pause_seconds = sight.time_seconds - self._last.time_seconds
        self.dwell_seconds += sum(end - begin for begin, end in stretches) * pause_seconds
        for share, what in _changes(stretches, self.is_inside, is_inside(sight.foot, self.zone)):
            self.is_inside = what == "entered"
            self.events.append(_event(self._last, sight, share, what))
        self._last = sight


class Crossings:
    """A track and one line."""

    def __init__(self, line: Line, first: Sight) -> None:
        self.line = line
        self.events: list[Event] = []
        self._last = first

    def add(self, sight: Sight) -> None:
        """Go on to where it was seen next."""
        crossed = crossing((self._last.foot, sight.foot), self.line)
        if crossed is not None:
            share, to_right = crossed
            self.events.append(_event(self._last, sight, share, "to_right" if to_right else "to_left"))
        self._last = sight


def _changes(
    stretches: Sequence[tuple[float, float]], inside: bool, inside_at_end: bool
) -> Iterator[tuple[float, Happening]]:
    """Yield what happens on a straight way that lies inside in these stretches: share of it, and what."""
    for first, last in stretches:
        if inside and first > 0:  # it stood on an edge
            yield 0.0, "left"
        if not inside or first > 0:
            yield first, "entered"
        inside = last == 1
        if not inside:
            yield last, "left"
    if inside != inside_at_end:
        yield 1.0, "entered" if inside_at_end else "left"


def _event(begin: Sight, end: Sight, share: float, what: Happening) -> Event:
    (x1, y1), (x2, y2) = begin.foot, end.foot
    return Event(
        time_seconds=begin.time_seconds + share * (end.time_seconds - begin.time_seconds),
        what=what,
        place=(x1 + share * (x2 - x1), y1 + share * (y2 - y1)),
    )
