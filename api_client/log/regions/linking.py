"""Regions of frame after frame to *things*: what lies where something lay a moment ago is the same thing.

Nothing is known of classes here, and nothing is guessed of motion: from one looked-at frame to the next most
things have hardly moved. A thing that is lost and found again becomes two, which costs one more look of it.

Legend: N regions of a frame, T things that may go on.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

LEAST_IOU = 0.4
"""From here two boxes may be of one thing."""
LONGEST_GAP_FRAMES = 6
"""A thing not seen in more looked-at frames than these has ended."""


class ThingLinker:
    """Numbers things from 0 in order of appearance. What it says depends on boxes and their order alone."""

    def __init__(self) -> None:
        self._ids: Ids = np.zeros(0, np.int64)
        self._boxes_T4: Floats = np.zeros((0, 4), np.float32)
        self._last_T: Ids = np.zeros(0, np.int64)
        self._frames = 0
        self._things = 0

    def add(self, boxes_N4: Floats) -> Ids:
        """Return the thing of each region of the next frame, (N,), all different."""
        self._forget_the_ended()
        thing_N = np.full(len(boxes_N4), -1, np.int64)
        live_T, row_N = _pairs(iou(self._boxes_T4, boxes_N4))
        thing_N[row_N] = self._ids[live_T]
        (new,) = np.nonzero(thing_N < 0)
        thing_N[new] = np.arange(self._things, self._things + len(new))
        self._things += len(new)
        self._remember(live_T, thing_N, boxes_N4)
        self._frames += 1
        return thing_N

    @property
    def live(self) -> frozenset[int]:
        """The things that may go on."""
        return frozenset(self._ids.tolist())

    def forget(self) -> None:
        """No thing seen so far goes on."""
        self._ids, self._boxes_T4 = self._ids[:0], self._boxes_T4[:0]
        self._last_T = self._last_T[:0]

    def _forget_the_ended(self) -> None:
        recent_T = self._frames - self._last_T <= LONGEST_GAP_FRAMES + 1
        self._ids, self._boxes_T4 = self._ids[recent_T], self._boxes_T4[recent_T]
        self._last_T = self._last_T[recent_T]

    def _remember(self, seen_T: Ids, thing_N: Ids, boxes_N4: Floats) -> None:
        unseen_T = np.ones(len(self._ids), bool)
        unseen_T[seen_T] = False
        self._ids = np.concatenate((self._ids[unseen_T], thing_N))
        self._boxes_T4 = np.concatenate((self._boxes_T4[unseen_T], boxes_N4))
        now_N = np.full(len(thing_N), self._frames, np.int64)
        self._last_T = np.concatenate((self._last_T[unseen_T], now_N))


def iou(one_T4: Floats, other_N4: Floats) -> Floats:
    """(T, N) intersection over union."""
    low = np.maximum(one_T4[:, None, :2], other_N4[None, :, :2])
    high = np.minimum(one_T4[:, None, 2:], other_N4[None, :, 2:])
    shared = (high - low).clip(0).prod(axis=2)
    areas = (one_T4[:, 2:] - one_T4[:, :2]).prod(axis=1)[:, None] + (other_N4[:, 2:] - other_N4[:, :2]).prod(
        axis=1
    )
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float32)


def _pairs(iou_TN: Floats) -> tuple[Ids, Ids]:
    """Greedily, best first; of equal ones that of the earlier thing and the better region."""
    things, rows = np.nonzero(iou_TN >= LEAST_IOU)
    taken_T, taken_N = np.zeros(iou_TN.shape[0], bool), np.zeros(iou_TN.shape[1], bool)
    kept: list[int] = []
    for pair in np.argsort(-iou_TN[things, rows], kind="stable").tolist():
        if not taken_T[things[pair]] and not taken_N[rows[pair]]:
            taken_T[things[pair]] = taken_N[rows[pair]] = True
            kept.append(pair)
    return things[kept], rows[kept]
