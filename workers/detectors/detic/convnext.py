"""ConvNeXt backbone (Liu et al. 2022, arXiv 2201.03545).

Shapes: B images, C channels, H and W cells.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workers.detectors.detic.config import ConvNeXtConfig
from workers.detectors.detic.mlp import Mlp

EPSILON = 1e-6


class ChannelNorm(nn.Module):
    """Layer norm over the channels of a map, by the population variance or the unbiased one."""

    def __init__(self, channels: int, variance: Literal["unbiased", "population"]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.correction = 1 if variance == "unbiased" else 0

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return (B, C, H, W)."""
        if self.correction == 0:
            x_BHWC = F.layer_norm(x_BCHW.movedim(1, -1), self.weight.shape, self.weight, self.bias, EPSILON)
            return x_BHWC.movedim(-1, 1)
        x_BCHW = x_BCHW.float()  # written out, so autocast does not lift it to float32 as it does layer_norm
        variance, mean = torch.var_mean(x_BCHW, dim=1, correction=self.correction, keepdim=True)
        normed_BCHW = (x_BCHW - mean) * torch.rsqrt(variance + EPSILON)
        return normed_BCHW * self.weight[:, None, None] + self.bias[:, None, None]


class Block(nn.Module):
    """Depthwise 7x7 convolution, norm, MLP, scaled per channel and added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.conv_dw = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=EPSILON)
        self.mlp = Mlp(channels)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return (B, C, H, W)."""
        mixed_BHWC = self.conv_dw(x_BCHW).permute(0, 2, 3, 1)
        update_BHWC = self.mlp(self.norm(mixed_BHWC)) * self.gamma
        out_BCHW: Tensor = x_BCHW + update_BHWC.permute(0, 3, 1, 2)
        return out_BCHW


class Stage(nn.Module):
    """Downsampling by two (but for the first stage) and its blocks."""

    def __init__(self, downsample: nn.Module | None, blocks: nn.Sequential) -> None:
        super().__init__()
        self.downsample = downsample
        self.blocks = blocks

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return (B, C, H, W), of this stage's width and resolution."""
        if self.downsample is not None:
            x_BCHW = self.downsample(x_BCHW)
        out_BCHW: Tensor = self.blocks(x_BCHW)
        return out_BCHW


class ConvNeXt(nn.Module):
    """The stem and four stages."""

    def __init__(self, config: ConvNeXtConfig) -> None:
        super().__init__()
        self.stem_0 = nn.Conv2d(3, config.widths[0], 4, stride=4)
        self.stem_1 = ChannelNorm(config.widths[0], "population")
        self.stages_0 = _stage(config, 0)
        self.stages_1 = _stage(config, 1)
        self.stages_2 = _stage(config, 2)
        self.stages_3 = _stage(config, 3)

    def forward(self, images_B3HW: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the maps at strides 8, 16, 32."""
        x_BCHW = self.stages_0(self.stem_1(self.stem_0(images_B3HW)))
        c3_BCHW = self.stages_1(x_BCHW)
        c4_BCHW = self.stages_2(c3_BCHW)
        return c3_BCHW, c4_BCHW, self.stages_3(c4_BCHW)


def _stage(config: ConvNeXtConfig, index: int) -> Stage:
    width = config.widths[index]
    blocks = nn.Sequential(*(Block(width) for _ in range(config.depths[index])))
    if index == 0:
        return Stage(None, blocks)
    before = config.widths[index - 1]
    norm = ChannelNorm(before, config.downsampling_variance)
    return Stage(nn.Sequential(norm, nn.Conv2d(before, width, 2, stride=2)), blocks)
