"""The terms of the loss.

Legend: N boxes or regions, B images, R regions of an image, K ImageNet names.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from workers.detectors.pocket.refinement import shifted

WORTHLESS_IOU, GOOD_IOU = 0.3, 0.7
"""Between the two the wanted quality rises from 0 to 1: half way, a box counts as right."""
WORTH_MOVING_IOU = 0.45
QUALITY_WEIGHT = 1.0
SHIFT_WEIGHT = 1.0


def quality_focal(logits: Tensor, quality: Tensor, counted: Tensor) -> Tensor:
    """Objectness learns the overlap of its box (Li et al. 2020); mean over the sum of qualities."""
    probability = logits.sigmoid()
    weight = (quality - probability).abs().square()
    loss = F.binary_cross_entropy_with_logits(logits, quality, reduction="none") * weight
    return (loss * counted).sum() / quality.sum().clamp(min=1.0)


def giou(predicted_N4: Tensor, truth_N4: Tensor) -> Tensor:
    """1 - generalised IoU (Rezatofighi et al. 2019), (N,)."""
    low, high = (
        torch.maximum(predicted_N4[:, :2], truth_N4[:, :2]),
        torch.minimum(predicted_N4[:, 2:], truth_N4[:, 2:]),
    )
    shared = (high - low).clamp(min=0).prod(-1)
    area = (
        (predicted_N4[:, 2:] - predicted_N4[:, :2]).prod(-1)
        + (truth_N4[:, 2:] - truth_N4[:, :2]).prod(-1)
        - shared
    )
    hull_low = torch.minimum(predicted_N4[:, :2], truth_N4[:, :2])
    hull_high = torch.maximum(predicted_N4[:, 2:], truth_N4[:, 2:])
    hull = (hull_high - hull_low).prod(-1)
    return 1 - shared / area.clamp(min=1e-6) + (hull - area) / hull.clamp(min=1e-6)


def divergence(logits_NK: Tensor, teacher_NK: Tensor, temperature: float) -> Tensor:
    """KL of the student's posterior from the teacher's log-probabilities, both softened, (N,)."""
    teacher = (teacher_NK / temperature).log_softmax(-1)
    student = (logits_NK / temperature).log_softmax(-1)
    return (teacher.exp() * (teacher - student)).sum(-1) * temperature


def second_look(
    quality_logits_BR: Tensor, shifts_BR4: Tensor,
    boxes_BR4: Tensor, truth_BR4: Tensor, overlap_BR: Tensor, judged_BR: Tensor,
) -> dict[str, Tensor]:  # fmt: skip
    """Whether each region fits its annotated box, and where it should have been."""
    wanted_BR = ((overlap_BR - WORTHLESS_IOU) / (GOOD_IOU - WORTHLESS_IOU)).clamp(0, 1)
    quality = F.binary_cross_entropy_with_logits(quality_logits_BR, wanted_BR, reduction="none")
    movable_BR = judged_BR & (overlap_BR > WORTH_MOVING_IOU)
    moved_N4 = shifted(boxes_BR4[movable_BR], shifts_BR4[movable_BR])
    shift = giou(moved_N4, truth_BR4[movable_BR]).sum() / movable_BR.sum().clamp(min=1)
    return {
        "quality": QUALITY_WEIGHT * (quality * judged_BR).sum() / judged_BR.sum().clamp(min=1),
        "shift": SHIFT_WEIGHT * shift,
    }
