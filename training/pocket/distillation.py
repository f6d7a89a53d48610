"""What the student learns from the teacher: where anything is, what it is, and how to see it.

Legend: B images, P points of the teacher's levels, R regions of an image, N regions of the batch,
K categories, E tower channels, H W cells of a level.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.pocket.assignment import pairwise_iou
from training.pocket.losses import giou, quality_focal
from training.pocket.selection import rows
from training.pocket.teacher import TOWER_CHANNELS, Lesson

OBJECTNESS_WEIGHT = 1.0
BOX_WEIGHT = 1.0
SIGHT_WEIGHT = 2.0
WORD_WEIGHT = 0.7
SURE = 0.3
"""Objectness from which the teacher's box is worth imitating."""
SAME_OBJECT_IOU = 0.5


class Imitation(nn.Module):
    """Reads the teacher's towers off the student's pyramid, in training only (FitNets, Romero 2015)."""

    def __init__(self, channels: int, levels: int) -> None:
        super().__init__()
        self.towers = nn.ModuleList(nn.Conv2d(channels, TOWER_CHANNELS, 1) for _ in range(levels))
        self.norms = nn.ModuleList(nn.BatchNorm2d(TOWER_CHANNELS, affine=False) for _ in range(levels))

    def forward(self, levels: list[Tensor], lesson: Lesson) -> Tensor:
        """Share of the variance of the teacher's towers that is not seen, weighted: 0 where all of it is."""
        errors = []
        for tower, norm, level_BCHW, theirs_BEHW in zip(
            self.towers, self.norms, levels, lesson.towers_BEHW, strict=False
        ):
            mine_BEHW = tower(level_BCHW).float()
            errors.append((mine_BEHW - norm(theirs_BEHW)).square().mean(1).flatten(1))
        # where things are counts as much as all the rest
        near_BP = lesson.objectness_BP
        weight_BP = 1 / near_BP.numel() + near_BP / near_BP.sum().clamp(min=1.0)
        return SIGHT_WEIGHT * (torch.cat(errors, dim=1) * weight_BP).sum() / 2


def location_terms(logits_BP: Tensor, boxes_BP4: Tensor, lesson: Lesson) -> dict[str, Tensor]:
    """The student's points against the teacher's; levels that the teacher lacks are left out."""
    points = lesson.objectness_BP.shape[1]
    everywhere = torch.ones_like(lesson.objectness_BP, dtype=torch.bool)
    sure_BP = lesson.objectness_BP > SURE
    weight_N = lesson.objectness_BP[sure_BP]
    box_N = giou(boxes_BP4[:, :points][sure_BP], lesson.boxes_BP4[sure_BP])
    return {
        "taught_objectness": OBJECTNESS_WEIGHT
        * quality_focal(logits_BP[:, :points], lesson.objectness_BP, everywhere),
        "taught_box": BOX_WEIGHT * (box_N * weight_N).sum() / weight_N.sum().clamp(min=1.0),
    }


@torch.no_grad()
def categories_of(boxes_BR4: Tensor, lesson: Lesson) -> Tensor:
    """The teacher's opinion of given boxes (B, R, K): of its surest box there, 0 where none is."""
    overlap_BRP = pairwise_iou(boxes_BR4, lesson.boxes_BP4)
    sureness_BRP = lesson.objectness_BP[:, None] * (overlap_BRP > SAME_OBJECT_IOU)
    sureness_BR, point_BR = sureness_BRP.max(-1)
    said_BRK = rows(lesson.categories_BPK, point_BR)
    return said_BRK * (sureness_BR > SURE)[..., None]


def word_term(logits_NK: Tensor, said_NK: Tensor) -> Tensor:
    """Cross-entropy of the posterior over the categories against the teacher's, as sure as it is."""
    sureness_N = said_NK.amax(-1)
    target_NK = said_NK / said_NK.sum(-1, keepdim=True).clamp(min=1e-6)
    each_N = -(target_NK * F.log_softmax(logits_NK, dim=-1)).sum(-1)
    return WORD_WEIGHT * (each_N * sureness_N).sum() / sureness_N.sum().clamp(min=1.0)
