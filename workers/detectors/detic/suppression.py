"""Greedy suppression of overlapping boxes, doing no more of it than the result needs.

Shapes: N boxes.
"""

from torch import Tensor
from torchvision.ops import nms

FIRST_PREFIX = 2000
"""Boxes looked at first. Greedy suppression goes from the best box down, so what survives among the best
`FIRST_PREFIX` does not depend on the others: where enough survive there, the rest is never compared."""


def best_after_suppression(
    boxes_N4: Tensor,
    scores_N: Tensor,
    *,
    overlap_iou: float,
    best: int,
    group_N: Tensor | None = None,
    ties: bool = False,
) -> Tensor:
    """Return the indices of the `best` survivors, descending by score.

    Boxes of different groups never suppress each other. With `ties`, survivors that score the same as the
    last of the best are returned too, so there can be more than `best`.
    """
    order_N = scores_N.argsort(descending=True, stable=True)
    if group_N is not None:
        boxes_N4 = apart(boxes_N4, group_N)
    prefix = FIRST_PREFIX
    while True:
        head = order_N[:prefix]
        kept = head[nms(boxes_N4[head], scores_N[head].to(boxes_N4.dtype), overlap_iou)]
        if prefix >= len(order_N) or (len(kept) > best and scores_N[kept[-1]] < scores_N[kept[best - 1]]):
            break
        prefix *= 4
    if ties and len(kept) > best:
        return kept[scores_N[kept] >= scores_N[kept[best - 1]]]
    return kept[:best]


def apart(boxes_N4: Tensor, group_N: Tensor) -> Tensor:
    """Move the boxes of each group to a place of their own, so that one suppression serves all groups.

    In float64, where the shift of ten thousands of groups costs no precision that could flip a decision.
    """
    if not len(boxes_N4):
        return boxes_N4.double()
    boxes_N4 = boxes_N4.double()
    pitch = boxes_N4.max() - boxes_N4.min().clamp(max=0) + 1
    return boxes_N4 + (group_N.double() * pitch)[:, None]
