"""A second look at each region: how well its box fits an object, and where the box should be.

A point of the pyramid says how good a box is before it has the box. A region is judged with the box at
hand, by what is in its four quarters and round it: the second stage of Faster R-CNN (Ren et al. 2015) without
classes, and the judgement of IoU-Net (Jiang et al. 2018).

Legend: B images, R regions of one image, F features of a region.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LARGEST_STRETCH = 1.0
"""A side grows or shrinks by a factor of e at most."""


class RefinementHead(nn.Module):
    """Two layers over what was pooled of a region."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.quality = nn.Linear(hidden, 1)
        self.shifts = nn.Linear(hidden, 4)

    def forward(self, features_BRF: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, R) logits of a good fit and (B, R, 4) shifts for `shifted`, float32."""
        hidden = F.silu(self.second(F.silu(self.first(features_BRF))))
        return self.quality(hidden).squeeze(-1).float(), self.shifts(hidden).float()


def shifted(boxes_BR4: Tensor, shifts_BR4: Tensor) -> Tensor:
    """Move boxes: the centre by parts of the sides, the sides by logarithms (R-CNN, Girshick et al. 2014)."""
    sides = boxes_BR4[..., 2:] - boxes_BR4[..., :2]
    centre = (boxes_BR4[..., :2] + boxes_BR4[..., 2:]) / 2 + shifts_BR4[..., :2] * sides
    half = sides * shifts_BR4[..., 2:].clamp(-LARGEST_STRETCH, LARGEST_STRETCH).exp() / 2
    return torch.cat((centre - half, centre + half), dim=-1)
