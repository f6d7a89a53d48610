"""One box for one object: first among regions whatever they are, then, softly, among the boxes of one word.

Legend: B frames, P points, N candidates before suppression, R regions kept of a frame.
"""

import torch
from torch import Tensor
from torchvision.ops import batched_nms

SAME_OBJECT_IOU = 0.55
BEFORE_SUPPRESSION = 400
MOST_REGIONS = 100
PART_SHARE = 0.85
"""A box with so much of its area inside a better box of the same word is most often a part of that object."""
PART_FACTOR = 0.7
"""What is left of a part's score."""


def best_regions(objectness_BP: Tensor, boxes_BP4: Tensor) -> tuple[Tensor, Tensor]:
    """Keep the best regions of each frame, one for an object: (B, R) and (B, R, 4), best first.

    Rows past a frame's last region have objectness 0.
    """
    count = min(BEFORE_SUPPRESSION, objectness_BP.shape[1])
    best_BN, index_BN = objectness_BP.topk(count, dim=1)
    boxes_BN4 = boxes_BP4.gather(1, index_BN[..., None].expand(-1, -1, 4))
    frame_BN = torch.arange(len(best_BN), device=best_BN.device)[:, None].expand_as(best_BN)
    kept = batched_nms(boxes_BN4.flatten(0, 1), best_BN.flatten(), frame_BN.flatten(), SAME_OBJECT_IOU)
    survives = torch.zeros(best_BN.numel(), dtype=torch.bool, device=best_BN.device)
    survives[kept] = True
    objectness_BR, order = (best_BN * survives.view_as(best_BN)).topk(min(MOST_REGIONS, count), dim=1)
    return objectness_BR, boxes_BN4.gather(1, order[..., None].expand(-1, -1, 4))


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
