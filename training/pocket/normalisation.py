"""Batch normalisation for training only: put round the new convolutions, folded away at export."""

import torch
from torch import Tensor, nn

from workers.detectors.pocket.backbone import Conv


class NormedConv2d(nn.Module):
    """A convolution and a batch normalisation that fold into one convolution."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            conv.in_channels,
            conv.out_channels,
            conv.kernel_size,
            padding=conv.padding,
            groups=conv.groups,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(conv.out_channels, momentum=0.03)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Convolve and normalise."""
        return self.norm(self.conv(x_BCHW))

    def folded(self) -> nn.Conv2d:
        """One convolution with the running statistics."""
        folded = nn.Conv2d(
            self.conv.in_channels, self.conv.out_channels, self.conv.kernel_size,
            padding=self.conv.padding, groups=self.conv.groups,
        )  # fmt: skip
        scale = self.norm.weight / (self.norm.running_var + self.norm.eps).sqrt()
        folded.weight.data.copy_(self.conv.weight * scale[:, None, None, None])
        folded.bias.data.copy_(self.norm.bias - self.norm.running_mean * scale)
        return folded


def add_norms(module: nn.Module) -> None:
    """Replace every pointwise convolution that feeds an activation or a sum by a normed one, in place."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d) and child.kernel_size == (1, 1) and child.out_channels > 4:
            setattr(module, name, NormedConv2d(child))
        else:
            add_norms(child)


def fold_norms(module: nn.Module) -> None:
    """Undo `add_norms`, in place, keeping what the network computes in evaluation mode."""
    for name, child in module.named_children():
        if isinstance(child, NormedConv2d):
            setattr(module, name, child.folded())
        else:
            fold_norms(child)


class Fp32Conv(Conv):
    """A convolution outside autocast: strided depthwise bf16 backward is 17 to 20 times slower on CPUs."""

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Convolve in float32 whatever the context."""
        with torch.autocast("cpu", enabled=False):
            return super().forward(x_BCHW.float())
