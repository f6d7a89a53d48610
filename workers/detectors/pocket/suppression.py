"""One box for one object: first among regions whatever they are, then among the boxes of one word.

Legend: B frames, P points, N boxes before suppression, R regions kept of a frame.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.ops import batched_nms

from workers.detectors.pocket.known_names import Floats

BEFORE_SUPPRESSION = 1000
PROPOSALS = 200
NEARLY_SAME_IOU = 0.7
"""Two points with boxes this much alike get one second look."""
MOST_REGIONS = 100
SAME_OBJECT_IOU = 0.55
PART_SHARE = 0.85
"""A box with so much of its area inside a better box of the same word is most often a part of that object."""
PART_FACTOR = 0.85
"""What is left of a part's score."""


def proposals(objectness_BP: Tensor, boxes_BP4: Tensor) -> tuple[Tensor, Tensor]:
    """What is worth a second look: objectness (B, R) and indices (B, R) of points, best first.

    Rows past a frame's last proposal have objectness 0.
    """
    count = min(BEFORE_SUPPRESSION, objectness_BP.shape[1])
    best_BN, index_BN = objectness_BP.topk(count, dim=1)
    score_BR, order_BR = _best(best_BN, rows(boxes_BP4, index_BN), NEARLY_SAME_IOU, PROPOSALS)
    return score_BR, index_BN.gather(1, order_BR)


def best_regions(objectness_BN: Tensor, boxes_BN4: Tensor) -> tuple[Tensor, Tensor]:
    """One for an object: objectness (B, R) and indices (B, R) of proposals, best first.

    Rows past a frame's last region have objectness 0.
    """
    return _best(objectness_BN, boxes_BN4, SAME_OBJECT_IOU, MOST_REGIONS)


def _best(score_BN: Tensor, boxes_BN4: Tensor, overlap: float, most: int) -> tuple[Tensor, Tensor]:
    """Of two boxes of a frame whose IoU is over `overlap` the better stays."""
    frame_BN = torch.arange(len(score_BN), device=score_BN.device)[:, None].expand_as(score_BN)
    kept = batched_nms(boxes_BN4.flatten(0, 1), score_BN.flatten(), frame_BN.flatten(), overlap)
    survives = torch.zeros(score_BN.numel(), dtype=torch.bool, device=score_BN.device)
    survives[kept] = True
    return (score_BN * survives.view_as(score_BN)).topk(min(most, score_BN.shape[1]), dim=1)


def rows(table_BNX: Tensor, index_BR: Tensor) -> Tensor:
    """Pick rows of each frame: (B, N, X) and (B, R) to (B, R, X)."""
    return table_BNX.gather(1, index_BR[..., None].expand(-1, -1, table_BNX.shape[-1]))


def drop_repeats(score_N: Floats, boxes_N4: Floats, label_N: NDArray[np.int64]) -> Floats:
    """Put the scores of boxes at 0 that lie on a better box with the same label: (N,)."""
    shared_NN, area_N = shared_area(boxes_N4), _area(boxes_N4)
    alike_NN = shared_NN > SAME_OBJECT_IOU * (area_N[:, None] + area_N - shared_NN)
    alike_NN &= label_N[:, None] == label_N
    left_N = score_N.copy()
    for box in np.argsort(-score_N, kind="stable"):
        if left_N[box] > 0:
            repeats_N = alike_NN[box]
            repeats_N[box] = False
            left_N[repeats_N] = 0
    return left_N


def doubt_parts(score_N: Floats, boxes_N4: Floats, label_N: NDArray[np.int64]) -> Floats:
    """Lower the scores of boxes inside a better box with the same label: (N,).

    Lowered, not dropped: a child before its mother lies inside her box too.
    """
    inside_NN = shared_area(boxes_N4) > PART_SHARE * _area(boxes_N4)[:, None]
    better_NN = score_N[:, None] < score_N
    part_N = (inside_NN & better_NN & (label_N[:, None] == label_N)).any(1)
    return np.where(part_N, score_N * np.float32(PART_FACTOR), score_N)


def shared_area(boxes_N4: Floats) -> Floats:
    """Of every two boxes: (N, N)."""
    x_min, y_min, x_max, y_max = boxes_N4.T
    width = np.minimum(x_max[:, None], x_max) - np.maximum(x_min[:, None], x_min)
    height = np.minimum(y_max[:, None], y_max) - np.maximum(y_min[:, None], y_min)
    return np.asarray(width.clip(0) * height.clip(0), np.float32)


def _area(boxes_N4: Floats) -> Floats:
    return np.asarray((boxes_N4[:, 2] - boxes_N4[:, 0]) * (boxes_N4[:, 3] - boxes_N4[:, 1]), np.float32)
