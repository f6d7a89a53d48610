"""ResNet backbones (He et al. 2016, arXiv 1512.03385) with frozen batch norms.

Shapes: B images, C channels, H and W cells.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workers.detectors.detic.config import ResNetConfig


class FrozenBatchNorm(nn.Module):
    """A batch norm whose statistics and affine part are constants."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.ones(channels))
        self.register_buffer("bias", torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return (B, C, H, W)."""
        return F.batch_norm(x_BCHW, self.running_mean, self.running_var, self.weight, self.bias, eps=1e-5)


def _shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Module | None:
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), FrozenBatchNorm(out_channels)
    )


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    expansion = 1

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = FrozenBatchNorm(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = FrozenBatchNorm(width)
        self.downsample = _shortcut(in_channels, width, stride)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return (B, C, H, W)."""
        residual = x_BCHW if self.downsample is None else self.downsample(x_BCHW)
        x_BCHW = F.relu(self.bn1(self.conv1(x_BCHW)))
        return F.relu(self.bn2(self.conv2(x_BCHW)) + residual)


class Bottleneck(nn.Module):
    """1x1, 3x3 (which carries the stride) and 1x1 convolutions and a shortcut."""

    expansion = 4

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        out_channels = width * self.expansion
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = FrozenBatchNorm(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = FrozenBatchNorm(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = FrozenBatchNorm(out_channels)
        self.downsample = _shortcut(in_channels, out_channels, stride)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return (B, C, H, W)."""
        residual = x_BCHW if self.downsample is None else self.downsample(x_BCHW)
        x_BCHW = F.relu(self.bn1(self.conv1(x_BCHW)))
        x_BCHW = F.relu(self.bn2(self.conv2(x_BCHW)))
        return F.relu(self.bn3(self.conv3(x_BCHW)) + residual)


class ResNet(nn.Module):
    """The stem and four stages."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, config.widths[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = FrozenBatchNorm(config.widths[0])
        self.layer1, channels = _stage(config, 0, config.widths[0])
        self.layer2, channels = _stage(config, 1, channels)
        self.layer3, channels = _stage(config, 2, channels)
        self.layer4, _ = _stage(config, 3, channels)

    def forward(self, images_B3HW: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the maps at strides 8, 16, 32."""
        x_BCHW = F.relu(self.bn1(self.conv1(images_B3HW)))
        x_BCHW = self.layer1(F.max_pool2d(x_BCHW, 3, stride=2, padding=1))
        c3_BCHW = self.layer2(x_BCHW)
        c4_BCHW = self.layer3(c3_BCHW)
        return c3_BCHW, c4_BCHW, self.layer4(c4_BCHW)


def _stage(config: ResNetConfig, index: int, in_channels: int) -> tuple[nn.Sequential, int]:
    """Return one stage and the channels it delivers. All but the first stage halve the resolution."""
    block = BasicBlock if config.block == "basic" else Bottleneck
    width, stride = config.widths[index], 1 if index == 0 else 2
    out_channels = width * block.expansion
    rest = [block(out_channels, width, 1) for _ in range(config.depths[index] - 1)]
    return nn.Sequential(block(in_channels, width, stride), *rest), out_channels
