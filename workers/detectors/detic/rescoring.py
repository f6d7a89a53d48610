"""Asking words of regions that were kept: no frame, no network, no torch.

Shapes: L looks, R regions of a frame, S stages, D embedding, C classes, K candidates.
"""

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions.layout import Segment
from vocabularies import VocabularyError
from workers.detectors.detections import Detections, Regions
from workers.detectors.detic.config import TEMPERATURE, DeticConfig
from workers.detectors.learnt import no_words, spread, with_learnt
from workers.detectors.protocol import EmbeddedVocabulary, Naming

DEFAULT_THRESHOLD = 0.5
"""That of Detic's own demo."""
WORD_POWER = 0.5
"""Of a probability in a word score; of the objectness too."""
CLASSES_AT_ONCE = 2048
LOOKS_AT_ONCE = 512

Floats = NDArray[np.float32]


class DeticRescorer:
    """`Rescorer` of Detic: its classifier is a product with text embeddings, so NumPy has all it needs."""

    looks_per_second = 1.0
    """A look is 1542 bytes: three stages of 512 numbers."""
    space = "detic-1"
    default_threshold = DEFAULT_THRESHOLD
    weights_digest: str | None = None

    def __init__(self, config: DeticConfig) -> None:
        self._config = config
        self.layout = tuple(
            Segment(name=f"stage_{stage}", count=config.cascade.embedding, coding="int8")
            for stage in range(len(config.cascade.delta_weights))
        )

    def least_objectness(self, threshold: float) -> float:
        """See `Rescorer.least_objectness`."""
        return threshold**2

    def name(
        self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary, *, words_per_region: int = 1
    ) -> Naming:
        """See `Rescorer.name`."""
        named = self._words(features_LF, vocabulary, words_per_region)
        if vocabulary.learnt is None:
            return named
        return with_learnt(
            named,
            vocabulary.learnt,
            self.compared(features_LF),
            first_label=len(vocabulary.embeddings),
            power=WORD_POWER,
            most=words_per_region,
        )

    def chances(self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary) -> Floats:
        """See `Rescorer.chances`."""
        naming = self.name(features_LF, vocabulary, words_per_region=len(vocabulary.vocabulary.labels))
        return spread(naming, len(vocabulary.vocabulary.labels))

    def scores(self, objectness_R: Floats, word_scores_RW: Floats) -> Floats:
        """See `Rescorer.scores`."""
        return np.asarray(np.sqrt(objectness_R)[:, None] * word_scores_RW, np.float32)

    def compared(self, features_LF: NDArray[np.floating]) -> Floats:
        """See `Rescorer.compared`: the mean of the stages."""
        looks_LSD = np.asarray(features_LF, np.float32).reshape(
            len(features_LF), len(self.layout), self._config.cascade.embedding
        )
        return np.asarray(looks_LSD.mean(axis=1), np.float32)

    def ordinary(self) -> Floats:
        """See `Rescorer.ordinary`: none are shipped, since the weights are not."""
        return np.zeros((0, self._config.cascade.embedding), np.float32)

    def detections(
        self, boxes_R4: Floats, objectness_R: Floats, naming: Naming, *, threshold: float
    ) -> Detections:
        """See `Rescorer.detections`; of overlapping regions of a class the best stays, without masks."""
        selection = self._config.selection
        boxes_N4 = boxes_R4.repeat(naming.labels_LW.shape[1], axis=0)
        label_N = naming.labels_LW.reshape(-1)
        score_N = self.scores(objectness_R, naming.word_scores_LW).reshape(-1)
        order = np.argsort(-score_N, kind="stable")
        order = order[score_N[order] > threshold]
        kept = _suppress(boxes_N4[order], label_N[order], selection.overlap_iou)
        rows = order[kept[: selection.best_per_image]]
        return Detections(
            boxes_xyxy_px=boxes_N4[rows],
            scores=score_N[rows].astype(np.float32),
            label_ids=label_N[rows].astype(np.int32),
        )

    def rescore(self, regions: Regions, vocabulary: EmbeddedVocabulary, *, threshold: float) -> Detections:
        """Return what `detect` would have found among the regions of one frame, without masks."""
        naming = self.name(regions.features, vocabulary)
        return self.detections(regions.boxes_xyxy_px, regions.objectness, naming, threshold=threshold)

    def _words(
        self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary, words_per_region: int
    ) -> Naming:
        if len(vocabulary.embeddings) == 0:
            return no_words(len(features_LF))
        self._check(vocabulary)
        named = [
            _best_classes(features_LF[start : start + LOOKS_AT_ONCE], vocabulary.embeddings, words_per_region)
            for start in range(0, max(1, len(features_LF)), LOOKS_AT_ONCE)
        ]
        return Naming(
            labels_LW=np.concatenate([label_LW for label_LW, _ in named]),
            word_scores_LW=np.concatenate([score_LW for _, score_LW in named]),
        )

    def _check(self, vocabulary: EmbeddedVocabulary) -> None:
        wanted, given = self._config.cascade.embedding, vocabulary.embeddings.shape[1]
        if given != wanted:
            raise VocabularyError(
                f"the vocabulary {vocabulary.vocabulary.name!r} is embedded in {given} dimensions, and "
                f"Detic compares in {wanted}: embed it with CLIP's text encoder"
            )


def unit_rows(embeddings_CD: NDArray[np.floating]) -> Floats:
    """Return the embeddings scaled to unit length; a zero row stays zero."""
    norm_C1 = np.linalg.norm(embeddings_CD, axis=1, keepdims=True).clip(min=1e-12)
    unit_CD: Floats = (embeddings_CD / norm_C1).astype(np.float32)
    return unit_CD


def word_scores(features_LF: NDArray[np.floating], embeddings_CD: NDArray[np.floating]) -> Floats:
    """Return (L, C) in 0..1: the square root of the stages' mean of sigmoid(50 cos(region, text))."""
    texts_CD = unit_rows(embeddings_CD)
    looks_LSD = np.asarray(features_LF, np.float32).reshape(len(features_LF), -1, texts_CD.shape[1])
    mean_LC = np.zeros((len(looks_LSD), len(texts_CD)), np.float32)
    for stage in range(looks_LSD.shape[1]):
        cosine_LC: Floats = looks_LSD[:, stage] @ texts_CD.T
        mean_LC += _probability(cosine_LC)
    mean_LC /= max(1, looks_LSD.shape[1])
    return np.sqrt(mean_LC)


def region_scores(regions: Regions, embeddings_CD: NDArray[np.floating]) -> Floats:
    """Return (R, C) in 0..1: what the detector's classifier says, up to the rounding of the kept features.

    sqrt(objectness x mean over the stages of sigmoid(50 cos(region, text))).
    """
    scores_RC: Floats = np.sqrt(regions.objectness)[:, None] * word_scores(regions.features, embeddings_CD)
    return scores_RC


def _probability(cosine: Floats) -> Floats:
    probability: Floats = 0.5 * (1.0 + np.tanh(0.5 * TEMPERATURE * cosine))  # a sigmoid that never overflows
    return probability


def _best_classes(
    features_LF: NDArray[np.floating], embeddings_CD: NDArray[np.floating], most: int
) -> tuple[NDArray[np.int64], Floats]:
    """(L, W) the classes that score highest and their scores; W is `most`, or C where that is less."""
    label_LW = np.zeros((len(features_LF), 0), np.int64)
    score_LW = np.zeros((len(features_LF), 0), np.float32)
    for first in range(0, len(embeddings_CD), CLASSES_AT_ONCE):
        scores_LC = word_scores(features_LF, embeddings_CD[first : first + CLASSES_AT_ONCE])
        block_LW = _top(scores_LC, most)
        score_LW = np.concatenate((score_LW, np.take_along_axis(scores_LC, block_LW, axis=1)), axis=1)
        label_LW = np.concatenate((label_LW, block_LW + first), axis=1)
        best_LW = _top(score_LW, most)
        score_LW = np.take_along_axis(score_LW, best_LW, axis=1)
        label_LW = np.take_along_axis(label_LW, best_LW, axis=1)
    return label_LW, score_LW


def _top(scores_LC: Floats, most: int) -> NDArray[np.int64]:
    if most == 1:
        return np.asarray(scores_LC.argmax(axis=1)[:, None], np.int64)
    order: NDArray[np.int64] = np.argsort(-scores_LC, axis=1, kind="stable")
    return order[:, :most]


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
