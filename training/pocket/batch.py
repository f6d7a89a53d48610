"""What one step of training learns from.

Legend: B images, C H W channels and pixels, G annotated boxes.
"""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Augmented pictures and their annotation."""

    images_BCHW: Tensor
    """Normalised, channels last."""
    truth_BG4: Tensor
    """Pixels."""
    category_BG: Tensor
    """0..79, `IGNORED`, `WHOLE`, or `NOTHING` for a row that stands for no box."""
