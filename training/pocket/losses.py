"""The four terms of the loss.

Legend: B images, P points, N regions, D embedding, C candidate names, K ImageNet names.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


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
