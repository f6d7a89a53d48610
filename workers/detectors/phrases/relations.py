"""Whether boxes lie as a relation says: degrees from 0 to 1, by what can be seen of two boxes alone.

A box knows no depth and no touch. So each relation is a few conditions on where boxes lie, every one of them
a ramp from 0 to 1 so that a detector's wobble makes no jump, and holds as far as the least of them does.
Lengths are measured in the sides of the things themselves, so that near and far things are judged alike.

Legend: H heads, O objects; x to the right and y downwards, as in pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocabularies.phrase import Relation

Floats = NDArray[np.float32]

LEAST_SIDE_PX = np.float32(0.01)
"""What has no inside is measured too."""
SAME_THING_IOU = 0.75
"""Two boxes this much alike are one thing, which is in no relation with itself."""


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Lengths of all pairs of a head and an object, (H, O) each, or (H, 1) and (1, O)."""

    head: "_Sides"
    object: "_Sides"
    shared_x: Floats
    """How much of the horizontal both cover, in pixels; negative where there is a gap."""
    shared_y: Floats

    @property
    def shared(self) -> Floats:
        """Area in both."""
        return np.asarray(self.shared_x.clip(0) * self.shared_y.clip(0), np.float32)

    @property
    def head_inside(self) -> Floats:
        """Which share of the head lies in the object."""
        return np.asarray(self.shared / self.head.area, np.float32)

    @property
    def object_inside(self) -> Floats:
        """Which share of the object lies in the head."""
        return np.asarray(self.shared / self.object.area, np.float32)

    @property
    def covered_x(self) -> Floats:
        """Which share of the narrower one's width the other covers."""
        return np.asarray(self.shared_x / np.minimum(self.head.width, self.object.width), np.float32)


@dataclass(frozen=True, kw_only=True)
class _Sides:
    left: Floats
    top: Floats
    right: Floats
    bottom: Floats

    @property
    def width(self) -> Floats:
        return np.asarray((self.right - self.left).clip(LEAST_SIDE_PX), np.float32)

    @property
    def height(self) -> Floats:
        return np.asarray((self.bottom - self.top).clip(LEAST_SIDE_PX), np.float32)

    @property
    def area(self) -> Floats:
        return np.asarray(self.width * self.height, np.float32)

    @property
    def middle_y(self) -> Floats:
        return np.asarray((self.top + self.bottom) / 2, np.float32)

    @property
    def middle_x(self) -> Floats:
        return np.asarray((self.left + self.right) / 2, np.float32)


def degrees(relation: Relation, heads_H4: Floats, objects_O4: Floats) -> Floats:
    """Return (H, O), 0..1: how far each head is in that relation with each object."""
    head = _Sides(**dict(zip(_SIDES, heads_H4.T[:, :, None], strict=True)))
    object_ = _Sides(**dict(zip(_SIDES, objects_O4.T[:, None, :], strict=True)))
    pairs = _Pairs(
        head=head,
        object=object_,
        shared_x=np.minimum(head.right, object_.right) - np.maximum(head.left, object_.left),
        shared_y=np.minimum(head.bottom, object_.bottom) - np.maximum(head.top, object_.top),
    )
    different = pairs.shared <= SAME_THING_IOU * (head.area + object_.area - pairs.shared)
    return np.asarray(_MEASURES[relation](pairs) * different, np.float32)


_SIDES = ("left", "top", "right", "bottom")


def _ramp(value: NDArray[np.floating], none: float, whole: float) -> Floats:
    """0 at `none`, 1 at `whole`, and straight between; `whole` may be the lesser."""
    return np.asarray(((value - none) / (whole - none)).clip(0, 1), np.float32)


def _least(*conditions: Floats) -> Floats:
    return np.asarray(np.minimum.reduce(np.broadcast_arrays(*conditions)), np.float32)


def _most(*conditions: Floats) -> Floats:
    return np.asarray(np.maximum.reduce(np.broadcast_arrays(*conditions)), np.float32)


def _on(pairs: _Pairs) -> Floats:
    """The head stands on the object and rises above it, or lies within its outline, as a cup on a table."""
    return _most(_standing_on(pairs), _lying_on(pairs))


def _standing_on(pairs: _Pairs) -> Floats:
    """The head ends in the object's height, or little above or below it, and begins above it."""
    head, object_ = pairs.head, pairs.object
    lower = np.minimum(head.height, object_.height)
    return _least(
        _ramp(pairs.covered_x, 0.3, 0.6),
        _ramp((object_.top - head.bottom) / lower, 0.3, 0.1),  # ends above it
        _ramp((head.bottom - object_.bottom) / head.height, 0.25, 0.1),  # ends below it
        _ramp((object_.middle_y - head.middle_y) / lower, -0.05, 0.1),
        _ramp((object_.top - head.top) / head.height, 0.0, 0.15),
    )


def _lying_on(pairs: _Pairs) -> Floats:
    head, object_ = pairs.head, pairs.object
    return _least(
        _ramp(pairs.head_inside, 0.7, 0.85),
        _ramp(head.area / object_.area, 0.8, 0.6),
        _ramp((object_.bottom - head.bottom) / object_.height, 0.0, 0.1),
    )


def _under(pairs: _Pairs) -> Floats:
    """The object covers the head from above: it begins higher, and most of the head is below its middle."""
    head, object_ = pairs.head, pairs.object
    lower, higher = np.minimum(head.height, object_.height), np.maximum(head.height, object_.height)
    return _least(
        _ramp(pairs.covered_x, 0.3, 0.6),
        _ramp((head.top - object_.top) / lower, 0.0, 0.2),
        _ramp((head.middle_y - object_.middle_y) / lower, 0.1, 0.3),
        _ramp((head.bottom - object_.bottom) / object_.height, -0.1, 0.0),
        _ramp((head.top - object_.bottom) / higher, 1.0, 0.5),  # not far below
    )


def _in(pairs: _Pairs) -> Floats:
    """Most of the head lies in the object, which is larger."""
    return _least(_ramp(pairs.head_inside, 0.5, 0.75), _ramp(pairs.head.area / pairs.object.area, 1.0, 0.75))


def _beside(pairs: _Pairs) -> Floats:
    """Both end at about one height, are seen at one height, little apart, and neither covers the other."""
    narrower = np.minimum(pairs.head.width, pairs.object.width)
    wider = np.maximum(pairs.head.width, pairs.object.width)
    lower = np.minimum(pairs.head.height, pairs.object.height)
    higher = np.maximum(pairs.head.height, pairs.object.height)
    return _least(
        _ramp(-pairs.shared_x / np.sqrt(narrower * wider), 1.0, 0.5),
        _ramp(pairs.shared_y / lower, 0.3, 0.6),
        _ramp(abs(pairs.head.bottom - pairs.object.bottom) / higher, 0.5, 0.3),
        _ramp(pairs.shared_x / narrower, 0.75, 0.5),
    )


def _holding(pairs: _Pairs) -> Floats:
    """The object touches the head, is not much larger, and is not at its feet."""
    head, object_ = pairs.head, pairs.object
    gap = np.maximum(-pairs.shared_x / head.width, -pairs.shared_y / head.height)
    return _least(
        _ramp(gap, 0.1, 0.0),
        _ramp(object_.area / head.area, 2.5, 1.5),  # an umbrella is larger than a man
        _ramp((object_.middle_y - head.top) / head.height, 0.85, 0.7),
        _ramp((object_.bottom - head.top) / head.height, 0.0, 0.1),
    )


def _riding(pairs: _Pairs) -> Floats:
    """The head is over the object's middle, begins no lower, and ends within it."""
    head, object_ = pairs.head, pairs.object
    return _least(
        _ramp(abs(head.middle_x - object_.middle_x) / np.maximum(object_.width, head.width), 0.45, 0.3),
        _ramp((object_.top - head.top) / head.height, -0.2, 0.0),
        _ramp((object_.top - head.bottom) / head.height, 0.15, 0.05),
        _ramp((object_.bottom - head.bottom) / object_.height, -0.05, 0.05),
        _ramp((object_.middle_y - head.middle_y) / object_.height, 0.05, 0.15),
    )


def _wearing(pairs: _Pairs) -> Floats:
    """Most of the object lies in the head, which is clearly larger."""
    return _least(_ramp(pairs.object_inside, 0.5, 0.8), _ramp(pairs.object.area / pairs.head.area, 0.8, 0.6))


def _behind(pairs: _Pairs) -> Floats:
    """Both overlap from side to side, and the head ends higher: what stands farther off does."""
    head, object_ = pairs.head, pairs.object
    return _least(
        _ramp(pairs.covered_x, 0.2, 0.4),
        _ramp(-pairs.shared_y / head.height, 0.2, 0.0),
        _ramp((object_.bottom - head.bottom) / np.maximum(head.height, object_.height), 0.0, 0.1),
        _ramp((object_.top - head.top) / head.height, -0.3, 0.0),
    )


def _in_front_of(pairs: _Pairs) -> Floats:
    return _behind(
        _Pairs(head=pairs.object, object=pairs.head, shared_x=pairs.shared_x, shared_y=pairs.shared_y)
    )


def _with(pairs: _Pairs) -> Floats:
    return _most(_holding(pairs), _wearing(pairs), _beside(pairs))


_MEASURES: dict[Relation, Callable[[_Pairs], Floats]] = {
    "on": _on,
    "under": _under,
    "in": _in,
    "beside": _beside,
    "holding": _holding,
    "riding": _riding,
    "wearing": _wearing,
    "behind": _behind,
    "in front of": _in_front_of,
    "with": _with,
}
