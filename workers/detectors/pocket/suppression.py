"""One box for one object: first among regions whatever they are, then among the boxes of one word.

Legend: B frames, P points, N boxes before suppression, R regions kept of a frame.
"""

import torch
from torch import Tensor
from torchvision.ops import batched_nms

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


def drop_repeats(score_R: Tensor, boxes_R4: Tensor, label_R: Tensor) -> Tensor:
    """Put the scores of boxes at 0 that lie on a better box with the same label: (R,)."""
    kept = batched_nms(boxes_R4, score_R, label_R, SAME_OBJECT_IOU)
    return torch.zeros_like(score_R).index_copy_(0, kept, score_R[kept])


def doubt_parts(score_R: Tensor, boxes_R4: Tensor, label_R: Tensor) -> Tensor:
    """Lower the scores of boxes inside a better box with the same label: (R,).

    Lowered, not dropped: a child before its mother lies inside her box too.
    """
    low = torch.maximum(boxes_R4[:, None, :2], boxes_R4[None, :, :2])
    high = torch.minimum(boxes_R4[:, None, 2:], boxes_R4[None, :, 2:])
    shared_RR = (high - low).clamp(min=0).prod(-1)
    area_R = (boxes_R4[:, 2:] - boxes_R4[:, :2]).prod(-1)
    inside_RR = shared_RR > PART_SHARE * area_R[:, None]
    better_RR = score_R[:, None] < score_R[None]
    part_R = (inside_RR & better_RR & (label_R[:, None] == label_R[None])).any(1)
    return torch.where(part_R, score_R * PART_FACTOR, score_R)
