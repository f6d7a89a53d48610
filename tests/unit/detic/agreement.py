"""How closely two sets of numbers must agree, in one place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# What the official code itself moves by, between one thread and two, is a tenth of these.
FEATURE = 1e-4
STAGE = 1e-3
BOX_PX = 0.05
PROPOSAL_SCORE = 2e-5
FINAL_SCORE = 1e-4
PROPOSALS_MATCHED = 0.99
DETECTIONS_MATCHED = 0.98
MASK_PIXELS = 0.001
MASK_PROBABILITY = 1e-3


def sample(map_: NDArray, parts: tuple[int, int, int] = (16, 10, 10)) -> NDArray:
    """The thinned-out (C, H, W) map the files keep: about so many parts along each axis."""
    steps = (max(1, side // part) for side, part in zip(map_.shape, parts, strict=True))
    return map_[tuple(slice(None, None, step) for step in steps)]


@dataclass(frozen=True, kw_only=True)
class Matches:
    """Row i of `mine` is the box nearest to row i of `theirs`, of the same class."""

    nearest: NDArray[np.int64]
    agree: NDArray[np.bool_]

    @property
    def fraction(self) -> float:
        return float(self.agree.mean()) if len(self.agree) else 1.0


def match(mine: tuple, theirs: tuple, score_tolerance: float) -> Matches:
    """Pair (boxes, scores, classes) by equal class and nearest box; agree where box and score are close.

    Among boxes at the same place, the one of the nearest score is taken. Each of mine is used once.
    """
    (boxes, scores, classes), (their_boxes, their_scores, their_classes) = mine, theirs
    if not len(boxes):
        return Matches(nearest=np.zeros(len(their_boxes), np.int64), agree=np.zeros(len(their_boxes), bool))
    distance = np.abs(their_boxes[:, None] - boxes[None]).max(axis=2)
    score_distance = np.abs(their_scores[:, None] - scores[None])
    cost = distance + score_distance + np.where(their_classes[:, None] == classes[None], 0.0, np.inf)
    nearest = cost.argmin(axis=1)
    rows = np.arange(len(their_boxes))
    close = (distance[rows, nearest] < BOX_PX) & (score_distance[rows, nearest] < score_tolerance)
    agree = close & np.isfinite(cost[rows, nearest])
    first_use = np.zeros(len(rows), bool)
    first_use[np.unique(nearest, return_index=True)[1]] = True
    return Matches(nearest=nearest, agree=agree & first_use)
