"""Tables of weights as whole numbers of a byte."""

import torch
from torch import Tensor


def as_int8(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Rows (N, D) and their steps (N,): a row times its step is about the row given."""
    step_N1 = rows.abs().amax(1, keepdim=True).clamp(min=1e-12) / 127
    return (rows / step_N1).round().to(torch.int8), step_N1.squeeze(1).contiguous()
