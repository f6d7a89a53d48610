"""Pooling of regions from the pyramid (RoIAlign, He et al. 2017, arXiv 1703.06870).

Shapes: B images, C channels, H and W cells, R regions, S bins per side.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.ops import roi_align

from workers.detectors.detic.config import POOLED_STRIDES

CANONICAL_SIDE_PX = 224
"""A region of this side is pooled from the middle level, p4; twice as large from p5, smaller from p3."""
CANONICAL_LEVEL = 4


def pyramid_level(boxes_R4: Tensor) -> Tensor:
    """Return (R,) int64 in 3..5: the level each box is pooled from."""
    side_R = ((boxes_R4[:, 2] - boxes_R4[:, 0]) * (boxes_R4[:, 3] - boxes_R4[:, 1])).sqrt()
    level_R = torch.floor(CANONICAL_LEVEL + torch.log2(side_R / CANONICAL_SIDE_PX + 1e-8))
    return level_R.clamp(3, 5).long()


def pool_regions(pyramid: Sequence[Tensor], boxes_R4: Tensor, image_R: Tensor, bins: int) -> Tensor:
    """Return (R, C, S, S) float32: each region from the level that fits its size.

    pyramid: p3, p4, p5 of (B, C, H, W), and coarser ones, which are ignored. boxes: pixels of the resized
    picture. An empty box pools to zeros.
    """
    rois_R5 = torch.cat([image_R[:, None].to(boxes_R4.dtype), boxes_R4], dim=1)
    level_R = pyramid_level(boxes_R4)
    pooled_RCSS = boxes_R4.new_empty((len(boxes_R4), pyramid[0].shape[1], bins, bins))
    for level, (map_BCHW, stride) in enumerate(zip(pyramid[:3], POOLED_STRIDES, strict=True), start=3):
        rows = (level_R == level).nonzero().squeeze(1)
        pooled_RCSS[rows] = roi_align(
            map_BCHW.float(), rois_R5[rows], bins, 1 / stride, sampling_ratio=0, aligned=True
        )
    return pooled_RCSS
