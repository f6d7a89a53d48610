"""Asking other words of what an OWL saw: no frame, no network, no torch.

Legend: R regions, N boxes, C words, D embedding.
"""

import numpy as np
from numpy.typing import NDArray

from workers.detectors.detections import Detections, Regions
from workers.detectors.protocol import EmbeddedVocabulary

Floats = NDArray[np.float32]


def region_scores(regions: Regions, embeddings_CD: Floats) -> Floats:
    """Return (R, C) in 0..1: what `detect` gives, up to the float16 of the kept features."""
    texts_CD = embeddings_CD / (np.linalg.norm(embeddings_CD, axis=1, keepdims=True) + 1e-6)
    looks = regions.features.astype(np.float32)
    logits_RC = (looks[:, :-2] @ texts_CD.T + looks[:, -2:-1]) * looks[:, -1:]
    scores_RC: Floats = 0.5 * (1 + np.tanh(0.5 * logits_RC))  # a sigmoid that never overflows
    return scores_RC


def rescore(regions: Regions, vocabulary: EmbeddedVocabulary, *, threshold: float) -> Detections:
    """Return what `detect` would have found among these regions with this vocabulary."""
    scores_RC = region_scores(regions, vocabulary.embeddings)
    region_N, label_N = (scores_RC > threshold).nonzero()
    order = np.argsort(-scores_RC[region_N, label_N], kind="stable")
    best_C = scores_RC.max(axis=0, initial=0.0)
    return Detections(
        boxes_xyxy_px=regions.boxes_xyxy_px[region_N[order]],
        scores=scores_RC[region_N, label_N][order],
        label_ids=label_N[order].astype(np.int32),
        label_scores=best_C,
    )
