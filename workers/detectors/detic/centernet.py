"""Class-agnostic proposals: CenterNet as the first of two stages (Zhou et al. 2021, arXiv 2103.07461).

Shapes: B images, C channels, H and W cells, N cells of all levels, R proposals of all images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workers.detectors.detic.config import STRIDES, ProposalConfig
from workers.detectors.detic.suppression import best_after_suppression

SMALLEST_SIDE_PX = 0.01


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """Where something may be, in the pictures of a batch."""

    boxes_xyxy: Tensor
    """(R, 4) float32, pixels of the resized picture; may reach outside of it."""
    scores: Tensor
    """(R,) float32 in 0..1: objectness, descending within an image."""
    image: Tensor
    """(R,) int64: the picture a proposal is of, ascending."""


class Scale(nn.Module):
    """One learned factor."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` times the factor."""
        return x * self.scale


class CenterNetHead(nn.Module):
    """For every cell of every level: how likely an object has its centre there, and how far its edges are."""

    def __init__(self, channels: int = 256, depth: int = 4) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(depth):
            layers += [nn.Conv2d(channels, channels, 3, padding=1), nn.GroupNorm(32, channels), nn.ReLU()]
        self.bbox_tower = nn.Sequential(*layers)
        self.agn_hm = nn.Conv2d(channels, 1, 3, padding=1)
        self.bbox_pred = nn.Conv2d(channels, 4, 3, padding=1)
        self.scales = nn.ModuleList(Scale() for _ in STRIDES)

    def forward(self, pyramid: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return, per level, objectness logits (B, 1, H, W) and distances in strides (B, 4, H, W)."""
        towers = [self.bbox_tower(level_BCHW) for level_BCHW in pyramid]
        logits = [self.agn_hm(tower).float() for tower in towers]
        distances = [
            F.relu(scale(self.bbox_pred(tower).float()))
            for scale, tower in zip(self.scales, towers, strict=True)
        ]
        return logits, distances


class ProposalGenerator(nn.Module):
    """The head and the decoding of what it says."""

    def __init__(self, head: CenterNetHead, config: ProposalConfig) -> None:
        super().__init__()
        self.centernet_head = head
        self.config = config

    def forward(self, pyramid: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return what the head says; `decode` makes proposals of it."""
        logits, distances = self.centernet_head(pyramid)
        return logits, distances

    def decode(self, logits: Sequence[Tensor], distances: Sequence[Tensor]) -> Proposals:
        """Return the best proposals of each image after suppression across all levels."""
        levels = [
            self._best_of_level(level_logits, level_distances, stride)
            for level_logits, level_distances, stride in zip(logits, distances, STRIDES, strict=True)
        ]
        boxes_BN4 = torch.cat([boxes for boxes, _ in levels], dim=1)
        probability_BN = torch.cat([probability for _, probability in levels], dim=1)
        kept = [self._suppress(*image) for image in zip(boxes_BN4, probability_BN, strict=True)]
        counts = torch.tensor([len(scores) for _, scores in kept], device=boxes_BN4.device)
        return Proposals(
            boxes_xyxy=torch.cat([boxes for boxes, _ in kept]),
            scores=torch.cat([scores for _, scores in kept]),
            image=torch.arange(len(kept), device=boxes_BN4.device).repeat_interleave(counts),
        )

    def _best_of_level(
        self, logits_B1HW: Tensor, distances_B4HW: Tensor, stride: int
    ) -> tuple[Tensor, Tensor]:
        height, width = logits_B1HW.shape[-2:]
        probability_BN = logits_B1HW.flatten(1).sigmoid()
        distances_BN4 = distances_B4HW.flatten(2).transpose(1, 2) * stride
        count = min(self.config.best_per_level, height * width)
        probability_BN, best_BN = probability_BN.topk(count, dim=1)
        distances_BN4 = distances_BN4.gather(1, best_BN[..., None].expand(-1, -1, 4))
        centres_BN2 = cell_centres(height, width, stride, logits_B1HW.device)[best_BN]
        corner_BN2 = centres_BN2 - distances_BN4[..., :2]
        opposite_BN2 = torch.maximum(centres_BN2 + distances_BN4[..., 2:], corner_BN2 + SMALLEST_SIDE_PX)
        return torch.cat([corner_BN2, opposite_BN2], dim=-1), probability_BN

    def _suppress(self, boxes_N4: Tensor, probability_N: Tensor) -> tuple[Tensor, Tensor]:
        # A cell below the lowest probability suppresses none above it: dropping it afterwards is the same.
        scores_N = probability_N.sqrt()
        kept = best_after_suppression(
            boxes_N4,
            scores_N,
            overlap_iou=self.config.overlap_iou,
            best=self.config.best_per_image,
            ties=True,
        )
        kept = kept[probability_N[kept] > self.config.lowest_probability]
        return boxes_N4[kept], scores_N[kept]


@lru_cache(maxsize=32)
def cell_centres(height: int, width: int, stride: int, device: torch.device) -> Tensor:
    """Return (height * width, 2) float32: x, y in pixels of each cell of a level, row by row."""
    x_W = torch.arange(width, device=device) * stride + stride // 2
    y_H = torch.arange(height, device=device) * stride + stride // 2
    y_HW, x_HW = torch.meshgrid(y_H, x_W, indexing="ij")
    return torch.stack([x_HW, y_HW], dim=-1).flatten(0, 1).float()
