"""From the network's grids to boxes and scores (Redmon and Farhadi 2017, 2018).

Legend: B pictures, A = 3 boxes a place, N = all boxes of a picture, K = 5 + classes, C classes, h, w.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

Anchors = Sequence[tuple[int, int]]


def decode(grids: Sequence[Tensor], anchors_px: Sequence[Anchors], side_px: int) -> tuple[Tensor, Tensor]:
    """Return boxes (B, N, 4), corners in pixels of the square, and scores (B, N, C) in 0..1.

    grids: (B, A * K, h, w) each. A score is the product of two: that there is anything, and what it is.
    """
    parts = [
        _decoded(logits_BNhw.float(), anchors, side_px)
        for logits_BNhw, anchors in zip(grids, anchors_px, strict=True)
    ]
    boxes, scores = zip(*parts, strict=True)
    return torch.cat(boxes, dim=1), torch.cat(scores, dim=1)


def _decoded(logits: Tensor, anchors: Anchors, side_px: int) -> tuple[Tensor, Tensor]:
    pictures, _, height, width = logits.shape
    said_BhwAK = logits.reshape(pictures, len(anchors), -1, height, width).permute(0, 3, 4, 1, 2)
    place_hw12 = _places(height, width, logits.device)
    cell_2 = logits.new_tensor([side_px / width, side_px / height])
    centre = (said_BhwAK[..., :2].sigmoid() + place_hw12) * cell_2
    half = said_BhwAK[..., 2:4].exp() * logits.new_tensor(anchors) / 2
    boxes = torch.cat([centre - half, centre + half], dim=-1)
    scores = said_BhwAK[..., 4:5].sigmoid() * said_BhwAK[..., 5:].sigmoid()
    return boxes.flatten(1, 3), scores.flatten(1, 3)


def _places(height: int, width: int, device: torch.device) -> Tensor:
    """(h, w, 1, 2): x and y of every place."""
    y, x = torch.meshgrid(
        torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij"
    )
    return torch.stack([x, y], dim=-1)[:, :, None]
