"""The regions a batch is described in: annotated boxes, and what the network itself proposes.

Legend: B images, P points, G annotated boxes, R regions of an image.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.pocket.assignment import pairwise_iou, shared_area
from training.pocket.augmentation import NOTHING
from training.pocket.batch import Batch
from training.pocket.photographs import WHOLE
from training.pocket.selection import proposals, rows

ANNOTATED = 14
PROPOSED = 48
SHAKE = 0.06
SAME_OBJECT_IOU = 0.5
NEAR_IOU = 0.3
INSIDE_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class Shaken:
    """Some annotated boxes of each picture, shaken a little as predictions are."""

    boxes_BR4: Tensor
    """Pixels."""
    category_BR: Tensor
    """As `Batch.category_BG`."""
    described_BR: Tensor
    """False for boxes that nobody named and for rows that stand for none."""


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """Some proposals of each picture, and the annotated box that each is nearest to."""

    boxes_BR4: Tensor
    """Pixels."""
    truth_BR4: Tensor
    """Pixels."""
    overlap_BR: Tensor
    """IoU of the two; 0 where nothing is annotated."""
    category_BR: Tensor
    """0..79, or `NOTHING` where the overlap is too small to call it anything."""
    judged_BR: Tensor
    """False where nobody knows whether the region shows something."""


def annotated(batch: Batch, generator: torch.Generator) -> Shaken:
    """Choose at random; pictures with few boxes are filled up with rows of no category."""
    described_BG = (batch.category_BG >= 0) | (batch.category_BG == WHOLE)
    order = torch.rand(batch.category_BG.shape, generator=generator) + 10.0 * described_BG
    chosen_BR = order.topk(ANNOTATED, dim=1).indices
    boxes_BR4 = rows(batch.truth_BG4, chosen_BR)
    sides = (boxes_BR4[..., 2:] - boxes_BR4[..., :2]).repeat(1, 1, 2)
    shake = torch.randn(boxes_BR4.shape, generator=generator).clamp(-2, 2)
    return Shaken(
        boxes_BR4=boxes_BR4 + SHAKE * sides * shake,
        category_BR=batch.category_BG.gather(1, chosen_BR),
        described_BR=described_BG.gather(1, chosen_BR),
    )


@torch.no_grad()
def proposed(
    logits_BP: Tensor, boxes_BP4: Tensor, batch: Batch, generator: torch.Generator, most: int = PROPOSED
) -> Proposed:
    """Choose among the network's best regions, those near an annotated box first, then better ones first."""
    inside_BP4 = boxes_BP4.clamp(min=0).minimum(batch.sides_4)
    score_BR, index_BR = proposals(logits_BP.sigmoid(), inside_BP4)
    boxes_BR4 = rows(inside_BP4, index_BR)
    overlap_BRG = pairwise_iou(boxes_BR4, batch.truth_BG4) * (batch.category_BG >= 0)[:, None]
    overlap_BR, nearest_BR = overlap_BRG.max(-1)
    judged_BR = (score_BR > 0) & ((overlap_BR > NEAR_IOU) | ~_in_unsaid(boxes_BR4, batch))
    better = torch.linspace(1, 0, boxes_BR4.shape[1])
    order = torch.rand(judged_BR.shape, generator=generator) + 2.0 * (overlap_BR > NEAR_IOU) + better
    chosen = (order - 10.0 * ~judged_BR).topk(min(most, order.shape[1]), dim=1).indices
    overlap_BR, nearest_BR = overlap_BR.gather(1, chosen), nearest_BR.gather(1, chosen)
    category_BR = batch.category_BG.gather(1, nearest_BR)
    return Proposed(
        boxes_BR4=rows(boxes_BR4, chosen),
        truth_BR4=rows(batch.truth_BG4, nearest_BR),
        overlap_BR=overlap_BR,
        category_BR=torch.where(overlap_BR > SAME_OBJECT_IOU, category_BR, NOTHING),
        judged_BR=judged_BR.gather(1, chosen),
    )


def _in_unsaid(boxes_BR4: Tensor, batch: Batch) -> Tensor:
    """Whether half of a region lies in a box that is neither a positive nor background: (B, R)."""
    shared_BRG = shared_area(boxes_BR4, batch.truth_BG4)
    area_BR1 = (boxes_BR4[..., 2:] - boxes_BR4[..., :2]).prod(-1, keepdim=True)
    return ((shared_BRG > INSIDE_SHARE * area_BR1) & batch.unsaid_BG[:, None]).any(-1)
