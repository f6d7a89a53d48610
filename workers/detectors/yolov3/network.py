"""Darknet-53 and the three outputs of YOLOv3, in plain torch.

Batch normalisation is folded into the convolutions when weights are read, so there is none here. Modules are
made, and so listed by `convolutions`, in the order in which Darknet writes them.

Legend: B pictures, A = 3 boxes a place, K = 5 + classes, H, W.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from workers.detectors.yolov3.config import Yolov3Config

SLOPE = 0.1
"""Of what is below zero."""


class Convolution(nn.Sequential):
    """A convolution that keeps the size, or halves it, and a leaky rectifier."""

    def __init__(self, channels_in: int, channels_out: int, *, kernel: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, kernel, stride, padding=kernel // 2),
            nn.LeakyReLU(SLOPE, inplace=True),
        )


class Residual(nn.Module):
    """Half the channels, then all of them again, added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = Convolution(channels, channels // 2, kernel=1)
        self.expand = Convolution(channels // 2, channels, kernel=3)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Keep shape."""
        added: Tensor = x_BCHW + self.expand(self.squeeze(x_BCHW))
        return added


class Darknet53(nn.Module):
    """The backbone."""

    def __init__(self, config: Yolov3Config) -> None:
        super().__init__()
        self.stem = Convolution(3, config.stem_channels, kernel=3)
        before = (config.stem_channels, *(channels for channels, _ in config.stages))
        self.stages = nn.ModuleList(
            nn.Sequential(
                Convolution(channels_in, channels, kernel=3, stride=2), *map(Residual, [channels] * blocks)
            )
            for channels_in, (channels, blocks) in zip(before, config.stages, strict=False)
        )

    def forward(self, pictures_B3HW: Tensor) -> list[Tensor]:
        """Return what the last three stages see, coarsest first."""
        seen = [self.stem(pictures_B3HW)]
        for stage in self.stages:
            seen.append(stage(seen[-1]))
        return seen[:-4:-1]


class Neck(nn.Sequential):
    """Five convolutions, narrow and wide in turn."""

    def __init__(self, channels_in: int, channels: int) -> None:
        wide = 2 * channels
        super().__init__(
            Convolution(channels_in, channels, kernel=1),
            Convolution(channels, wide, kernel=3),
            Convolution(wide, channels, kernel=1),
            Convolution(channels, wide, kernel=3),
            Convolution(wide, channels, kernel=1),
        )


class Output(nn.Sequential):
    """What is said of every place."""

    def __init__(self, channels: int, config: Yolov3Config) -> None:
        super().__init__(
            Convolution(channels, 2 * channels, kernel=3),
            nn.Conv2d(2 * channels, config.output_channels, 1),
        )


class Narrower(nn.Sequential):
    """Hands a coarse neck's findings to the next finer one."""

    def __init__(self, channels: int) -> None:
        super().__init__(Convolution(channels, channels // 2, kernel=1), nn.Upsample(scale_factor=2))


class Yolov3(nn.Module):
    """Pictures in, three grids of boxes out, coarsest first."""

    def __init__(self, config: Yolov3Config) -> None:
        super().__init__()
        self.backbone = Darknet53(config)
        seen = [channels for channels, _ in config.stages][:-4:-1]
        widths = [channels // 2 for channels in seen]
        handed = [0, *(width // 2 for width in widths)]
        self.necks = nn.ModuleList(
            Neck(channels + more, width) for channels, more, width in zip(seen, handed, widths, strict=False)
        )
        self.outputs = nn.ModuleList(Output(width, config) for width in widths)
        self.narrower = nn.ModuleList(Narrower(width) for width in widths[:-1])

    def forward(self, pictures_B3HW: Tensor) -> list[Tensor]:
        """pictures: RGB in 0..1, sides multiples of 32. Return logits (B, A * K, h, w), one a grid."""
        grids: list[Tensor] = []
        handed: Tensor | None = None
        for number, seen_BCHW in enumerate(self.backbone(pictures_B3HW)):
            joined = seen_BCHW if handed is None else torch.cat([handed, seen_BCHW], dim=1)
            found = self.necks[number](joined)
            grids.append(self.outputs[number](found))
            if number < len(self.narrower):
                handed = self.narrower[number](found)
        return grids

    def convolutions(self) -> Iterator[tuple[nn.Conv2d, bool]]:
        """Yield every convolution in Darknet's order, and whether batch normalisation belongs to it."""
        parts: list[nn.Module] = [self.backbone]
        for number, (neck, output) in enumerate(zip(self.necks, self.outputs, strict=True)):
            parts += [neck, output, *self.narrower[number : number + 1]]
        last = {id(output.get_submodule("1")) for output in self.outputs}
        for part in parts:
            for module in part.modules():
                if isinstance(module, nn.Conv2d):
                    yield module, id(module) not in last
