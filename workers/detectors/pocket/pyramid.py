"""A small feature pyramid: semantics down (FPN, Lin et al. 2017), positions up again (PAN, Liu et al. 2018).

Legend: B images, C channels, H W cells.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


class SeparableConv(nn.Module):
    """A depthwise 3x3 and a pointwise convolution, then SiLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.pointwise = nn.Conv2d(channels, channels, 1)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Keep the shape."""
        return F.silu(self.pointwise(self.depthwise(x_BCHW)))


class Pyramid(nn.Module):
    """Maps of three strides in, maps of equal width at four strides out."""

    def __init__(self, inputs: Sequence[int], channels: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in inputs)
        self.top_down = nn.ModuleList(SeparableConv(channels) for _ in inputs)
        self.bottom_up = nn.ModuleList(SeparableConv(channels) for _ in inputs)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Finest first; the last level is one stride coarser than the last map given."""
        levels = [lateral(x_BCHW) for lateral, x_BCHW in zip(self.lateral, maps, strict=True)]
        for i in reversed(range(len(levels))):
            if i + 1 < len(levels):
                levels[i] = levels[i] + F.interpolate(levels[i + 1], scale_factor=2.0, mode="nearest")
            levels[i] = self.top_down[i](levels[i])
        for i, conv in enumerate(self.bottom_up):
            # pooled rather than strided: strided depthwise convolutions are slow to train on a CPU
            below = F.avg_pool2d(levels[i], 2)
            levels[i + 1 : i + 2] = [conv(levels[i + 1] + below if i + 1 < len(levels) else below)]
        return levels
