"""What one step of training learns from.

Legend: B images, C H W channels and pixels, G annotated boxes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.pocket.photographs import IGNORED, WHOLE


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Augmented pictures and their annotation."""

    images_BCHW: Tensor
    """Normalised, channels last."""
    truth_BG4: Tensor
    """Pixels."""
    category_BG: Tensor
    """0..79, `IGNORED`, `WHOLE`, or `NOTHING` for a row that stands for no box."""

    @property
    def sides_4(self) -> Tensor:
        """Width, height, width, height of the pictures: pixels over these are 0..1."""
        height, width = self.images_BCHW.shape[2:]
        return torch.tensor([width, height, width, height], dtype=torch.float32)

    @property
    def unsaid_BG(self) -> Tensor:
        """Boxes that are neither positives nor background: nobody said what is in them."""
        return (self.category_BG == IGNORED) | (self.category_BG == WHOLE)
