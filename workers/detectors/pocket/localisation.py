"""Where anything is, whatever it is: an anchor-free, class-agnostic head (FCOS, Tian et al. 2019).

Legend: B images, C channels, H W cells, P points over all levels.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from workers.detectors.pocket.pyramid import SeparableConv


class LocalisationHead(nn.Module):
    """One pair of towers shared by all levels: how good a box is here, and how far its four sides are."""

    def __init__(self, channels: int, strides: Sequence[int]) -> None:
        super().__init__()
        self.strides = tuple(strides)
        self.objectness_tower = nn.Sequential(SeparableConv(channels), SeparableConv(channels))
        self.box_tower = nn.Sequential(SeparableConv(channels), SeparableConv(channels))
        self.objectness = nn.Conv2d(channels, 1, 1)
        self.distances = nn.Conv2d(channels, 4, 1)
        self.level_scale = nn.Parameter(torch.ones(len(self.strides)))

    def forward(self, levels: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return (B, P) objectness logits and (B, P, 4) boxes x_min, y_min, x_max, y_max in input pixels."""
        logits, boxes = [], []
        for i, (x_BCHW, stride) in enumerate(zip(levels, self.strides, strict=True)):
            logits.append(self.objectness(self.objectness_tower(x_BCHW)).flatten(1).float())
            raw_BP4 = self.distances(self.box_tower(x_BCHW)).flatten(2).transpose(1, 2).float()
            sides_BP4 = (raw_BP4 * self.level_scale[i]).clamp(max=5.0).exp() * stride
            boxes.append(_boxes_around(centres_xy(x_BCHW.shape[2:], stride, x_BCHW.device), sides_BP4))
        return torch.cat(logits, dim=1), torch.cat(boxes, dim=1)


def centres_xy(shape_HW: Sequence[int], stride: int, device: torch.device) -> Tensor:
    """The (H * W, 2) centres of the cells of a map, in input pixels, row by row."""
    y = torch.arange(shape_HW[0], device=device, dtype=torch.float32)
    x = torch.arange(shape_HW[1], device=device, dtype=torch.float32)
    grid_y, grid_x = torch.meshgrid(y, x, indexing="ij")
    return (torch.stack((grid_x, grid_y), dim=-1).reshape(-1, 2) + 0.5) * stride


def _boxes_around(centres_P2: Tensor, sides_BP4: Tensor) -> Tensor:
    return torch.cat((centres_P2 - sides_BP4[..., :2], centres_P2 + sides_BP4[..., 2:]), dim=-1)
