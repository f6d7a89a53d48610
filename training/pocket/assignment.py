"""Which point of the pyramid answers for which box (SimOTA, Ge et al. 2021, without classes).

Legend: B images, P points, G annotated boxes.
"""

import torch
from torch import Tensor

CANDIDATES = 10
RADIUS_STRIDES = 2.0
CELLS_ACROSS = 5.0


@torch.no_grad()
def assign(
    logits_BP: Tensor,
    boxes_BP4: Tensor,
    centres_P2: Tensor,
    strides_P: Tensor,
    truth_BG4: Tensor,
    real_BG: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return (B, P) index of the box each point answers for, -1 for none, and (B, P) its IoU."""
    overlap_BGP = pairwise_iou(truth_BG4, boxes_BP4)
    cost_BGP = _cost(logits_BP, overlap_BGP, centres_P2, strides_P, truth_BG4)
    cost_BGP = cost_BGP.masked_fill(
        ~_near(centres_P2, strides_P, truth_BG4) | ~real_BG[..., None], float("inf")
    )
    cost, chosen = cost_BGP.topk(CANDIDATES, dim=-1, largest=False)
    many = overlap_BGP.topk(CANDIDATES, dim=-1).values.sum(-1).int().clamp(min=1)
    taken = (torch.arange(CANDIDATES) < many[..., None]) & cost.isfinite()
    taken_BGP = torch.zeros_like(cost_BGP, dtype=torch.bool).scatter_(-1, chosen, taken)
    best_cost, best_BP = cost_BGP.masked_fill(~taken_BGP, float("inf")).min(dim=1)
    index_BP = torch.where(best_cost.isfinite(), best_BP, -1)
    overlap_BP = overlap_BGP.gather(1, best_BP[:, None]).squeeze(1) * (index_BP >= 0)
    return index_BP, overlap_BP


def _cost(
    logits_BP: Tensor, overlap_BGP: Tensor, centres_P2: Tensor, strides_P: Tensor, truth_BG4: Tensor
) -> Tensor:
    """Poor overlap, low objectness, far from the middle, and the wrong level all cost."""
    sides = (truth_BG4[..., 2:] - truth_BG4[..., :2]).clamp(min=1.0)
    level = (sides.prod(-1).sqrt()[..., None] / (strides_P * CELLS_ACROSS)).log2()
    middle = (truth_BG4[..., None, :2] + truth_BG4[..., None, 2:]) / 2
    off_centre = ((centres_P2 - middle) / sides[..., None, :]).square().sum(-1)
    quality = -(overlap_BGP + 1e-6).log()
    confidence = -torch.nn.functional.logsigmoid(logits_BP)[:, None]
    return 3 * quality + confidence + 0.5 * level.square() + 2 * off_centre


def _near(centres_P2: Tensor, strides_P: Tensor, truth_BG4: Tensor) -> Tensor:
    """Inside the box, or so close to its centre that a small box gets a point too."""
    x, y = centres_P2[:, 0], centres_P2[:, 1]
    low_x, low_y, high_x, high_y = (side[..., None] for side in truth_BG4.unbind(-1))
    inside = (x > low_x) & (x < high_x) & (y > low_y) & (y < high_y)
    reach = strides_P * RADIUS_STRIDES
    central = ((x - (low_x + high_x) / 2).abs() < reach) & ((y - (low_y + high_y) / 2).abs() < reach)
    closest = ((x - (low_x + high_x) / 2).abs() < strides_P) & ((y - (low_y + high_y) / 2).abs() < strides_P)
    return (inside & central) | (closest & (strides_P == strides_P.min()))


def pairwise_iou(first_BN4: Tensor, second_BM4: Tensor) -> Tensor:
    """(B, N, M)."""
    shared = shared_area(first_BN4, second_BM4)
    first = (first_BN4[..., 2:] - first_BN4[..., :2]).clamp(min=0).prod(-1)[:, :, None]
    second = (second_BM4[..., 2:] - second_BM4[..., :2]).clamp(min=0).prod(-1)[:, None]
    return shared / (first + second - shared).clamp(min=1e-6)


def shared_area(first_BN4: Tensor, second_BM4: Tensor) -> Tensor:
    """Of every pair of boxes, (B, N, M)."""
    low = torch.maximum(first_BN4[:, :, None, :2], second_BM4[:, None, :, :2])
    high = torch.minimum(first_BN4[:, :, None, 2:], second_BM4[:, None, :, 2:])
    return (high - low).clamp(min=0).prod(-1)
