"""One box for one object: first among regions whatever they are, then among the boxes of one word.

Legend: N boxes before suppression, R regions of a frame.
"""

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.known_names import Floats

PROPOSALS = 200
NEARLY_SAME_IOU = 0.7
"""Two points with boxes this much alike get one second look."""
MOST_REGIONS = 100
SAME_OBJECT_IOU = 0.55
ONE_BOX_IOU = 0.8
"""Two boxes this much alike are one, whatever words they bear."""
PART_SHARE = 0.8
"""So much of a box inside another of the same word: most often one object, seen in part or with too much."""
PART_FACTOR = 0.85
"""What is left of the worse one's score."""


def best_regions(objectness_N: Floats, boxes_N4: Floats) -> NDArray[np.int64]:
    """One for an object: indices (R,) of proposals, best first."""
    return _kept(objectness_N, shared_area(boxes_N4), boxes_N4)[:MOST_REGIONS]


def drop_doubles(score_RW: Floats, boxes_R4: Floats) -> Floats:
    """Put all scores of a region at 0 whose box is nearly that of a region with a surer word: (R, W)."""
    kept = _kept(score_RW.max(1, initial=0), shared_area(boxes_R4), boxes_R4, iou=ONE_BOX_IOU)
    left = np.zeros_like(score_RW)
    left[kept] = score_RW[kept]
    return left


def drop_repeats(score_R: Floats, boxes_R4: Floats, label_R: NDArray[np.int64]) -> Floats:
    """Put the scores of boxes at 0 that lie on a better box with the same label: (R,)."""
    shared_RR = shared_area(boxes_R4) * (label_R[:, None] == label_R[None])
    kept = _kept(score_R, shared_RR, boxes_R4)
    left = np.zeros_like(score_R)
    left[kept] = score_R[kept]
    return left


def doubt_parts(score_R: Floats, boxes_R4: Floats, label_R: NDArray[np.int64]) -> Floats:
    """Lower the scores of boxes inside or round about a better box with the same label: (R,).

    Lowered, not dropped: a child before its mother lies inside her box too.
    """
    inside_RR = shared_area(boxes_R4) > PART_SHARE * _area(boxes_R4)[:, None]
    better_RR = score_R[:, None] < score_R[None]
    same_RR = label_R[:, None] == label_R[None]
    part_R = ((inside_RR | inside_RR.T) & better_RR & same_RR).any(1)
    return np.where(part_R, score_R * np.float32(PART_FACTOR), score_R)


def shared_area(boxes_R4: Floats) -> Floats:
    """Of every two boxes: (R, R)."""
    x_min, y_min, x_max, y_max = boxes_R4.T
    width = np.minimum(x_max[:, None], x_max) - np.maximum(x_min[:, None], x_min)
    height = np.minimum(y_max[:, None], y_max) - np.maximum(y_min[:, None], y_min)
    return np.asarray(width.clip(0) * height.clip(0), np.float32)


def _kept(
    score_R: Floats, shared_RR: Floats, boxes_R4: Floats, *, iou: float = SAME_OBJECT_IOU
) -> NDArray[np.int64]:
    """Indices, best first: of two whose IoU is over `iou` the better stays."""
    area_R = _area(boxes_R4)
    alike_RR = shared_RR > iou * (area_R[:, None] + area_R - shared_RR)
    gone_R = np.zeros(len(score_R), bool)
    kept = []
    for one in np.argsort(-score_R, kind="stable"):
        if not gone_R[one]:
            kept.append(one)
            gone_R |= alike_RR[one]
    return np.array(kept, np.int64)


def _area(boxes_R4: Floats) -> Floats:
    return np.asarray((boxes_R4[:, 2] - boxes_R4[:, 0]) * (boxes_R4[:, 3] - boxes_R4[:, 1]), np.float32)
