"""Which regions are detections of which class.

Classes are scored in blocks, so a vocabulary of 21k never makes one matrix of regions by classes.

Shapes: R regions of all images, P (region, class) pairs, C classes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from workers.detectors.detic.cascade import CascadeRegions
from workers.detectors.detic.classifier import class_scores
from workers.detectors.detic.config import SelectionConfig
from workers.detectors.detic.suppression import best_after_suppression

CLASSES_AT_ONCE = 2048
"""Columns of scores that exist at a time: for 8 images of 256 regions, three matrices of 17 MB."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """(Region, class) pairs and their scores."""

    region: Tensor
    """(P,) int64, row of the `CascadeRegions`."""
    label: Tensor
    """(P,) int64, column of the classifier."""
    scores: Tensor
    """(P,) float32."""

    def __getitem__(self, index: Tensor) -> "Pairs":
        return Pairs(region=self.region[index], label=self.label[index], scores=self.scores[index])


def select(
    regions: CascadeRegions, weights_DC: Tensor, *, threshold: float, config: SelectionConfig
) -> Pairs:
    """Return the detections of all images, image by image, descending by score within each."""
    if config.one_class_per_region:
        pairs = best_class_pairs(regions, weights_DC, threshold)
    else:
        pairs = all_pairs(regions, weights_DC, threshold, config.best_per_image)
    finite_R = regions.boxes_xyxy.isfinite().all(dim=1)
    pairs = pairs[finite_R[pairs.region]]
    image_P = regions.image[pairs.region]
    kept = [
        _suppress(regions, pairs, (image_P == image).nonzero().squeeze(1), config)
        for image in torch.unique(image_P).tolist()
    ]
    return pairs[torch.cat(kept)] if kept else pairs


def _suppress(regions: CascadeRegions, pairs: Pairs, rows: Tensor, config: SelectionConfig) -> Tensor:
    boxes_P4 = regions.boxes_xyxy[pairs.region[rows]]
    kept = best_after_suppression(
        boxes_P4,
        pairs.scores[rows],
        group_N=pairs.label[rows],
        overlap_iou=config.overlap_iou,
        best=config.best_per_image,
    )
    return rows[kept]


def all_pairs(regions: CascadeRegions, weights_DC: Tensor, threshold: float, best_per_image: int) -> Pairs:
    """Return, image by image, the pairs above the threshold that can be among its best after suppression.

    Of R regions in an image, its best `best_per_image` times R pairs are of so many classes at least, and
    every class keeps its best pair: what scores less cannot be among the `best_per_image` that stay.
    """
    found = [_none(weights_DC)]
    for image in torch.unique(regions.image).tolist():
        rows = (regions.image == image).nonzero().squeeze(1)
        pairs = _best_pairs(_rows_of(regions, rows), weights_DC, threshold, best_per_image * len(rows))
        found.append(Pairs(region=rows[pairs.region], label=pairs.label, scores=pairs.scores))
    return _concatenate(found)


def _best_pairs(regions: CascadeRegions, weights_DC: Tensor, threshold: float, most: int) -> Pairs:
    pairs = _none(weights_DC)
    for first in range(0, weights_DC.shape[1], CLASSES_AT_ONCE):
        scores_RC = _block_scores(regions, weights_DC, first)
        pairs = _concatenate([pairs, _pairs_where(scores_RC > threshold, scores_RC, first)])
        if len(pairs.scores) > most:
            pairs = pairs[pairs.scores.topk(most).indices]
            threshold = float(pairs.scores[-1])
    return pairs


def _rows_of(regions: CascadeRegions, rows: Tensor) -> CascadeRegions:
    return CascadeRegions(
        boxes_xyxy=regions.boxes_xyxy[rows],
        embeddings_SRD=regions.embeddings_SRD[:, rows],
        objectness=regions.objectness[rows],
        image=regions.image[rows],
    )


def best_class_pairs(regions: CascadeRegions, weights_DC: Tensor, threshold: float) -> Pairs:
    """Return each region's best class, and those that tie with it, where it scores above the threshold."""
    best_R = regions.objectness.new_full(regions.objectness.shape, threshold)
    found = []
    for first in range(0, weights_DC.shape[1], CLASSES_AT_ONCE):
        scores_RC = _block_scores(regions, weights_DC, first)
        best_R = torch.maximum(best_R, scores_RC.amax(dim=1))
        best_RC = (scores_RC == best_R[:, None]) & (scores_RC > threshold)
        found.append(_pairs_where(best_RC, scores_RC, first))
    pairs = _concatenate(found)
    return pairs[pairs.scores == best_R[pairs.region]]


def _block_scores(regions: CascadeRegions, weights_DC: Tensor, first: int) -> Tensor:
    block_DC = weights_DC[:, first : first + CLASSES_AT_ONCE]
    return class_scores(regions.embeddings_SRD, regions.objectness, block_DC)


def _pairs_where(chosen_RC: Tensor, scores_RC: Tensor, first: int) -> Pairs:
    region, column = chosen_RC.nonzero(as_tuple=True)
    return Pairs(region=region, label=column + first, scores=scores_RC[region, column])


def _none(like: Tensor) -> Pairs:
    indices = like.new_zeros(0, dtype=torch.int64)
    return Pairs(region=indices, label=indices, scores=like.new_zeros(0))


def _concatenate(blocks: list[Pairs]) -> Pairs:
    return Pairs(
        region=torch.cat([block.region for block in blocks]),
        label=torch.cat([block.label for block in blocks]),
        scores=torch.cat([block.scores for block in blocks]),
    )
