"""Feature pyramid over a backbone (Lin et al. 2017, arXiv 1612.03144), with two coarser levels on top.

Shapes: B images, C channels, H and W cells.
"""

from torch import Tensor, nn
from torch.nn import functional as F


class TopLevels(nn.Module):
    """p6 and p7, by strided convolutions from the finished p5."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.p6 = nn.Conv2d(channels, channels, 3, stride=2, padding=1)
        self.p7 = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, p5_BCHW: Tensor) -> tuple[Tensor, Tensor]:
        """Return p6, without a ReLU, and p7."""
        p6_BCHW = self.p6(p5_BCHW)
        return p6_BCHW, self.p7(F.relu(p6_BCHW))


class FeaturePyramid(nn.Module):
    """The backbone's maps at strides 8, 16, 32 become five maps of one width, strides 8 to 128."""

    def __init__(self, bottom_up: nn.Module, in_channels: tuple[int, int, int], channels: int = 256) -> None:
        super().__init__()
        self.bottom_up = bottom_up
        self.fpn_lateral3 = nn.Conv2d(in_channels[0], channels, 1)
        self.fpn_lateral4 = nn.Conv2d(in_channels[1], channels, 1)
        self.fpn_lateral5 = nn.Conv2d(in_channels[2], channels, 1)
        self.fpn_output3 = nn.Conv2d(channels, channels, 3, padding=1)
        self.fpn_output4 = nn.Conv2d(channels, channels, 3, padding=1)
        self.fpn_output5 = nn.Conv2d(channels, channels, 3, padding=1)
        self.top_block = TopLevels(channels)

    def forward(self, images_B3HW: Tensor) -> tuple[Tensor, ...]:
        """Return p3..p7."""
        return self.fuse(*self.bottom_up(images_B3HW))

    def fuse(self, c3_BCHW: Tensor, c4_BCHW: Tensor, c5_BCHW: Tensor) -> tuple[Tensor, ...]:
        """Return p3..p7 from the backbone's three maps."""
        sum5 = self.fpn_lateral5(c5_BCHW)
        sum4 = self.fpn_lateral4(c4_BCHW) + F.interpolate(sum5, scale_factor=2.0, mode="nearest")
        sum3 = self.fpn_lateral3(c3_BCHW) + F.interpolate(sum4, scale_factor=2.0, mode="nearest")
        p5 = self.fpn_output5(sum5)
        return self.fpn_output3(sum3), self.fpn_output4(sum4), p5, *self.top_block(p5)
