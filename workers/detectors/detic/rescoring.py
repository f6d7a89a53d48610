"""Asking another vocabulary of regions that were kept: no frame, no network, no torch.

Shapes: R regions, S stages, D embedding, C classes, K candidates.
"""

import numpy as np
from numpy.typing import NDArray

from workers.detectors.detections import Detections, Regions
from workers.detectors.detic.config import TEMPERATURE, SelectionConfig
from workers.detectors.protocol import EmbeddedVocabulary

CLASSES_AT_ONCE = 2048

Floats = NDArray[np.float32]


def unit_rows(embeddings_CD: NDArray[np.floating]) -> Floats:
    """Return the embeddings scaled to unit length; a zero row stays zero."""
    norm_C1 = np.linalg.norm(embeddings_CD, axis=1, keepdims=True).clip(min=1e-12)
    unit_CD: Floats = (embeddings_CD / norm_C1).astype(np.float32)
    return unit_CD


def region_scores(regions: Regions, embeddings_CD: NDArray[np.floating]) -> Floats:
    """Return (R, C) in 0..1: what the detector's classifier says, up to the float16 of the kept features.

    sqrt(objectness x mean over the stages of sigmoid(50 cos(region, text))).
    """
    texts_CD = unit_rows(embeddings_CD)
    regions_RSD = _by_stage(regions, texts_CD.shape[1])
    mean_RC = np.zeros((len(regions_RSD), len(texts_CD)), np.float32)
    for stage in range(regions_RSD.shape[1]):
        cosine_RC: Floats = regions_RSD[:, stage] @ texts_CD.T
        mean_RC += _probability(cosine_RC)
    mean_RC /= max(1, regions_RSD.shape[1])
    scores_RC: Floats = np.sqrt(mean_RC * regions.objectness[:, None])
    return scores_RC


def rescore(
    regions: Regions, vocabulary: EmbeddedVocabulary, *, threshold: float, config: SelectionConfig
) -> Detections:
    """Return what `detect` would have found among these regions with this vocabulary, without masks.

    One class per region: the best; of overlapping regions of a class the best stays.
    """
    label_R, score_R = _best_class(regions, vocabulary.embeddings)
    order = np.argsort(-score_R, kind="stable")
    order = order[score_R[order] > threshold]
    kept = _suppress(regions.boxes_xyxy_px[order], label_R[order], config.overlap_iou)
    rows = order[kept[: config.best_per_image]]
    return Detections(
        boxes_xyxy_px=regions.boxes_xyxy_px[rows],
        scores=score_R[rows],
        label_ids=label_R[rows].astype(np.int32),
    )


def _by_stage(regions: Regions, embedding: int) -> Floats:
    count = len(regions.objectness)
    return regions.features.astype(np.float32).reshape(count, -1, embedding)


def _probability(cosine: Floats) -> Floats:
    probability: Floats = 0.5 * (1.0 + np.tanh(0.5 * TEMPERATURE * cosine))  # a sigmoid that never overflows
    return probability


def _best_class(regions: Regions, embeddings_CD: NDArray[np.floating]) -> tuple[NDArray[np.int64], Floats]:
    count = len(regions.objectness)
    label_R, best_R = np.zeros(count, np.int64), np.full(count, -1.0, np.float32)
    for first in range(0, len(embeddings_CD), CLASSES_AT_ONCE):
        scores_RC = region_scores(regions, embeddings_CD[first : first + CLASSES_AT_ONCE])
        block_R = scores_RC.argmax(axis=1)
        block_best_R = scores_RC[np.arange(count), block_R]
        better_R = block_best_R > best_R
        label_R[better_R], best_R[better_R] = block_R[better_R] + first, block_best_R[better_R]
    return label_R, best_R


def _suppress(boxes_K4: Floats, label_K: NDArray[np.int64], overlap_iou: float) -> NDArray[np.int64]:
    """Return the rows that stay, best first; the boxes come best first."""
    area_K = (boxes_K4[:, 2:] - boxes_K4[:, :2]).prod(axis=1)
    gone_K = np.zeros(len(boxes_K4), np.bool_)
    for row in range(len(boxes_K4)):
        if not gone_K[row]:
            size_K2 = np.minimum(boxes_K4[:, 2:], boxes_K4[row, 2:]) - np.maximum(
                boxes_K4[:, :2], boxes_K4[row, :2]
            )
            shared_K = size_K2.clip(min=0).prod(axis=1)
            overlaps_K = shared_K > overlap_iou * (area_K + area_K[row] - shared_K)
            overlaps_K[: row + 1] = False
            gone_K |= overlaps_K & (label_K == label_K[row])
    return np.flatnonzero(~gone_K)
