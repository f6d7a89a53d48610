"""Conditions: what must be in a frame.

dog and not leash          a word holds where at least one such object is there
"traffic light" >= 2       counted; quotes are needed only for words that hold and, or, not, in, or signs
track:7                    the object of that number
zone:door, person in door  anything, or something, that stands in a zone
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from api_client.contract.zones import Zone
from api_client.log.boxes import LoggedBox
from api_client.zones.geometry import foot_point, is_inside

Boxes = Sequence[LoggedBox]

SIGNS: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}


class Condition(Protocol):
    """Holds in a frame or does not."""

    def holds(self, boxes: Boxes) -> bool:
        """Whether it does where these boxes are everything that is there."""
        ...


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many there are of a word, in a zone or anywhere."""

    label: str | None = None
    """None for whatever was found."""
    zone: Zone | None = None
    sign: str = ">="
    number: int = 1

    def holds(self, boxes: Boxes) -> bool:
        """Compare the count with the number."""
        return SIGNS[self.sign](sum(map(self._counts, boxes)), self.number)

    def _counts(self, box: LoggedBox) -> bool:
        if self.label is not None and box.class_name != self.label:
            return False
        return self.zone is None or is_inside(foot_point(box.box_xyxy_px), self.zone)


@dataclass(frozen=True, kw_only=True)
class TrackThere:
    """One object is there."""

    tracker_id: int

    def holds(self, boxes: Boxes) -> bool:
        """Look for it."""
        return any(box.tracker_id == self.tracker_id for box in boxes)


@dataclass(frozen=True, kw_only=True)
class Not:
    """The opposite."""

    inner: Condition

    def holds(self, boxes: Boxes) -> bool:
        """Where the other does not."""
        return not self.inner.holds(boxes)


@dataclass(frozen=True, kw_only=True)
class All:
    """Every one of several."""

    inner: tuple[Condition, ...]

    def holds(self, boxes: Boxes) -> bool:
        """Where all do."""
        return all(condition.holds(boxes) for condition in self.inner)


@dataclass(frozen=True, kw_only=True)
class Any:
    """At least one of several."""

    inner: tuple[Condition, ...]

    def holds(self, boxes: Boxes) -> bool:
        """Where one does."""
        return any(condition.holds(boxes) for condition in self.inner)
