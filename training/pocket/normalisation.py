"""Batch normalisation for training only: put round the new convolutions, folded away at export."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from workers.detectors.pocket.backbone import Conv


class NormedConv2d(nn.Module):
    """A pointwise convolution and a batch normalisation that fold into one, at first the one given."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.conv = nn.Conv2d(conv.in_channels, conv.out_channels, 1, groups=conv.groups, bias=False)
        self.norm = nn.BatchNorm2d(conv.out_channels, momentum=0.03)
        self.conv.weight.data.copy_(conv.weight)
        if conv.bias is not None:
            self.norm.bias.data.copy_(conv.bias)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Convolve and normalise."""
        normed: Tensor = self.norm(self.conv(x_BCHW))
        return normed


def add_norms(module: nn.Module) -> None:
    """Replace every pointwise convolution that feeds an activation or a sum by a normed one, in place."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d) and child.kernel_size == (1, 1) and child.out_channels > 4:
            setattr(module, name, NormedConv2d(child))
        else:
            add_norms(child)


def fold_norms(module: nn.Module) -> None:
    """Undo `add_norms` on a network in evaluation mode, in place, keeping what it computes."""
    for name, child in module.named_children():
        if isinstance(child, NormedConv2d):
            setattr(module, name, fuse_conv_bn_eval(child.conv, child.norm))
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
        variance = (square - mean.square()).clamp(min=1e-6)
        state = child.norm.state_dict()
        child.norm.load_state_dict(
            state
            | {"running_mean": mean, "running_var": variance}
            | {"weight": state["weight"] * (variance + child.norm.eps).sqrt()}
            | {"bias": state["bias"] + state["weight"] * mean}
        )


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
