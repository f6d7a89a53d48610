"""Three stages that each look at the regions again, through the boxes of the stage before.

Cascade R-CNN (Cai and Vasconcelos 2018, arXiv 1712.00726).

Shapes: B images, R regions, F hidden features, S stages, D embedding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workers.detectors.detic.centernet import Proposals
from workers.detectors.detic.classifier import RegionEmbedding
from workers.detectors.detic.config import CascadeConfig
from workers.detectors.detic.mask_head import MaskHead
from workers.detectors.detic.roi_pooling import pool_regions

LARGEST_LOG_SCALE = math.log(1000 / 16)
MASKS_AT_ONCE = 128
"""Regions through the mask head together: 28x28x256 floats each, so about 100 MB."""


@dataclass(frozen=True, kw_only=True)
class CascadeRegions:
    """What the cascade says of every proposal, in their order."""

    boxes_xyxy: Tensor
    """(R, 4) float32, pixels of the resized picture, inside it; may be empty."""
    embeddings_SRD: Tensor
    """(S, R, D) float32, unit length: one per stage, to be compared with texts."""
    objectness: Tensor
    """(R,) float32 in 0..1, the proposals' scores."""
    image: Tensor
    """(R,) int64: the picture a region is of."""


class BoxHead(nn.Module):
    """Two linear layers over pooled features."""

    def __init__(self, in_features: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)

    def forward(self, pooled_RCSS: Tensor) -> Tensor:
        """Return (R, F)."""
        return F.relu(self.fc2(F.relu(self.fc1(pooled_RCSS.flatten(1)))))


class BoxPredictor(nn.Module):
    """What one stage says of a region: its place in the joint space, and how its box should move."""

    def __init__(self, hidden: int, embedding: int) -> None:
        super().__init__()
        self.cls_score = RegionEmbedding(hidden, embedding)
        self.bbox_pred = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 4))

    def forward(self, features_RF: Tensor) -> tuple[Tensor, Tensor]:
        """Return unit embeddings (R, D) and raw deltas (R, 4), both float32.

        Always in float32: cosines are multiplied by 50, and a shorter format's error would show in scores.
        """
        with torch.autocast(features_RF.device.type, enabled=False):
            features_RF = features_RF.float()
            return self.cls_score(features_RF), self.bbox_pred(features_RF)


def apply_deltas(boxes_R4: Tensor, deltas_R4: Tensor, weights: Sequence[float]) -> Tensor:
    """Move and scale boxes by (dx, dy, dw, dh), in units of their size, after dividing by the weights."""
    deltas_R4 = deltas_R4 / deltas_R4.new_tensor(weights)
    size_R2 = boxes_R4[:, 2:] - boxes_R4[:, :2]
    centre_R2 = boxes_R4[:, :2] + 0.5 * size_R2 + deltas_R4[:, :2] * size_R2
    half_R2 = 0.5 * deltas_R4[:, 2:].clamp(max=LARGEST_LOG_SCALE).exp() * size_R2
    return torch.cat([centre_R2 - half_R2, centre_R2 + half_R2], dim=1)


def clip_boxes(boxes_R4: Tensor, height_width: tuple[float, float]) -> Tensor:
    """Move corners outside of a picture to its edge."""
    height, width = height_width
    return torch.minimum(boxes_R4.clamp(min=0), boxes_R4.new_tensor([width, height, width, height]))


class RoiHeads(nn.Module):
    """The three stages and the mask head."""

    def __init__(
        self,
        box_head: Sequence[BoxHead],
        box_predictor: Sequence[BoxPredictor],
        mask_head: MaskHead,
        config: CascadeConfig,
    ) -> None:
        super().__init__()
        self.box_head = nn.ModuleList(box_head)
        self.box_predictor = nn.ModuleList(box_predictor)
        self.mask_head = mask_head
        self.config = config

    def forward(
        self, pyramid: Sequence[Tensor], proposals: Proposals, height_width: tuple[int, int]
    ) -> CascadeRegions:
        """Refine the proposals. height_width: of the resized pictures, before padding."""
        boxes_R4 = proposals.boxes_xyxy
        embeddings = []
        for stage in range(len(self.box_head)):
            embeddings_RD, deltas_R4 = self.stage(stage, pyramid, boxes_R4, proposals.image)
            embeddings.append(embeddings_RD)
            moved_R4 = apply_deltas(boxes_R4, deltas_R4, self.config.delta_weights[stage])
            boxes_R4 = clip_boxes(moved_R4, height_width)
        return CascadeRegions(
            boxes_xyxy=boxes_R4,
            embeddings_SRD=torch.stack(embeddings),
            objectness=proposals.scores,
            image=proposals.image,
        )

    def stage(
        self, stage: int, pyramid: Sequence[Tensor], boxes_R4: Tensor, image_R: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return what one stage says of the boxes: unit embeddings (R, D) and raw deltas (R, 4)."""
        pooled_RCSS = pool_regions(pyramid, boxes_R4, image_R, self.config.box_bins)
        embeddings_RD, deltas_R4 = self.box_predictor[stage](self.box_head[stage](pooled_RCSS))
        return embeddings_RD, deltas_R4

    def masks(self, pyramid: Sequence[Tensor], boxes_R4: Tensor, image_R: Tensor) -> Tensor:
        """Return (R, 28, 28) float32 in 0..1, over each box. boxes: pixels of the resized picture."""
        side = 2 * self.config.mask_bins
        masks = [boxes_R4.new_zeros((0, side, side))]
        for boxes, image in zip(
            torch.split(boxes_R4, MASKS_AT_ONCE), torch.split(image_R, MASKS_AT_ONCE), strict=True
        ):
            if len(boxes):
                masks.append(self.mask_head(pool_regions(pyramid, boxes, image, self.config.mask_bins)))
        return torch.cat(masks)
