"""EfficientNet-Lite0 with its batch normalisation folded into the convolutions.

Tan and Le 2019, in the "Lite" form: no squeeze-and-excitation, ReLU6 for swish.

The network reads pictures turned by 180 degrees. The pretrained filters were learnt with TensorFlow's "same"
padding, which pads strided convolutions on the right and below only; turned round, filters and picture
together, that is PyTorch's own padding, and no map has to be copied to be padded.

Legend: B images, C channels, H W pixels of a feature map.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


class Conv(nn.Conv2d):
    """A convolution padded by half its kernel on every side."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, *, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, kernel // 2, groups=groups)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; add the input where the shape allows."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = Conv(inputs, hidden) if expansion > 1 else None
        self.depthwise = Conv(hidden, hidden, kernel, stride=stride, groups=hidden)
        self.project = Conv(hidden, outputs)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, outputs, H / stride, W / stride)."""
        hidden = x_BCHW if self.expand is None else F.relu6(self.expand(x_BCHW), inplace=True)
        hidden = F.relu6(self.depthwise(hidden), inplace=True)
        projected: Tensor = self.project(hidden)
        return x_BCHW + projected if self.residual else projected


class Backbone(nn.Module):
    """Pictures to feature maps: those the pyramid is built on, and the one ImageNet's classifier reads."""

    def __init__(
        self, stem: Conv, stages: Sequence[nn.Module], head: Conv, tapped_stages: Sequence[int]
    ) -> None:
        super().__init__()
        self.stem = stem
        self.stages = nn.ModuleList(stages)
        self.head = head
        self.tapped_stages = tuple(tapped_stages)

    def forward(self, images_BCHW: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the tapped maps, finest first, and the (B, image_channels, H / 32, W / 32) map.

        images_BCHW: normalised and turned as in `preprocessing`, sides multiples of 32.
        """
        x_BCHW = F.relu6(self.stem(images_BCHW), inplace=True)
        tapped = []
        for index, stage in enumerate(self.stages):
            x_BCHW = stage(x_BCHW)
            if index in self.tapped_stages:
                tapped.append(x_BCHW)
        return tapped, F.relu6(self.head(x_BCHW), inplace=True)
