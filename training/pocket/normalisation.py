"""Batch normalisation for training only: put round the new convolutions, folded away at export."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from workers.detectors.pocket.backbone import Conv


class NormedConv2d(nn.Module):
    """A convolution and a batch normalisation that fold into one convolution, at first the one given."""

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
        self.conv.weight.data.copy_(conv.weight)
        if conv.bias is not None:
            self.norm.bias.data.copy_(conv.bias)

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


@torch.no_grad()
def measure_norms(module: nn.Module, run: Callable[[], object]) -> None:
    """Take the norms' statistics from what `run` sends through, in place, keeping what is computed.

    A network whose norms were folded away is so made ready to train on: batches are normalised about as the
    weights have it already.
    """
    seen: dict[NormedConv2d, list[Tensor]] = {c: [] for c in module.modules() if isinstance(c, NormedConv2d)}
    hooks = [
        c.conv.register_forward_hook(lambda _, __, y, rows=rows: rows.append(_moments(y)))
        for c, rows in seen.items()
    ]
    training = module.training
    module.eval()
    run()
    module.train(training)
    for hook in hooks:
        hook.remove()
    for child, rows in seen.items():
        mean, square = torch.stack(rows).mean(0)
        child.norm.running_mean.copy_(mean)
        child.norm.running_var.copy_((square - mean.square()).clamp(min=1e-6))
        child.norm.bias += mean * child.norm.weight
        child.norm.weight *= (child.norm.running_var + child.norm.eps).sqrt()


def _moments(y_BCHW: Tensor) -> Tensor:
    """Mean and mean square of each channel, (2, C)."""
    y_BCHW = y_BCHW.float()
    return torch.stack((y_BCHW.mean((0, 2, 3)), y_BCHW.square().mean((0, 2, 3))))


class Fp32Conv(Conv):
    """A convolution outside autocast: strided depthwise bf16 backward is 17 to 20 times slower on CPUs."""

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Convolve in float32 whatever the context."""
        with torch.autocast("cpu", enabled=False):
            return super().forward(x_BCHW.float())
