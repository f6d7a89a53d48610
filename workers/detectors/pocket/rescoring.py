"""Asking words of regions that were kept: no frame, no network, no torch, no ONNX Runtime.

Legend: L looks, R regions of a frame, F numbers of a look, C words, W words of a region.
"""

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions.layout import Layout, Rows, Segment, decoded
from vocabularies.learnt_file import LearntEntries
from workers.detectors.detections import Detections
from workers.detectors.learnt import no_words, spread, with_learnt
from workers.detectors.pocket import DEFAULT_THRESHOLD
from workers.detectors.pocket.appearance import CHANNELS, Appearance
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.packed_looks import KEPT_NAMES
from workers.detectors.pocket.scoring import OBJECTNESS_POWER, WORD_POWER, Reading, Scorer, least_logits
from workers.detectors.pocket.searching import Looks, Searched, background_rows
from workers.detectors.pocket.suppression import doubt_parts, drop_doubles, drop_repeats
from workers.detectors.protocol import EmbeddedVocabulary, Naming, Search

LAYOUT: Layout = (
    Segment(name="embedding", count=PocketConfig().text_channels, coding="int8", steps=63),
    Segment(name="imagenet_names", count=KEPT_NAMES, coding="uint16"),
    Segment(name="imagenet_shares", count=KEPT_NAMES, coding="share"),
    Segment(name="appearance", count=CHANNELS, coding="int8", steps=31),
)
"""As `packed_looks.pack` puts it, and the `Appearance`, which no word is asked of: it is the coarser."""
EMBEDDING = PocketConfig().text_channels
LOOKS_AT_ONCE = 512
"""Bounds memory: with 2048 words at once some matrices of 4 MB."""


class PocketRescorer:
    """`Rescorer` of the pocket detector."""

    layout = LAYOUT
    looks_per_second = 2.0
    space = "pocket-1"
    default_threshold = DEFAULT_THRESHOLD

    def __init__(self, scorer: Scorer, appearance: Appearance, *, weights_digest: str) -> None:
        self.appearance = appearance
        self.weights_digest: str | None = weights_digest
        self._scorer = scorer

    def least_objectness(self, threshold: float) -> float:
        """See `Rescorer.least_objectness`."""
        return float(threshold ** (1 / OBJECTNESS_POWER))

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
        return (objectness_R**OBJECTNESS_POWER).astype(np.float32)[:, None] * word_scores_RW

    def compared(self, features_LF: NDArray[np.floating]) -> Floats:
        """See `Rescorer.compared`: embedding and appearance, which are of like length."""
        features = np.asarray(features_LF, np.float32)
        return np.concatenate((features[:, :EMBEDDING], features[:, -CHANNELS:]), axis=1)

    def ordinary(self) -> Floats:
        """See `Rescorer.ordinary`."""
        return self.appearance.ordinary_NG

    def detections(
        self, boxes_R4: Floats, objectness_R: Floats, naming: Naming, *, threshold: float
    ) -> Detections:
        """See `Rescorer.detections`."""
        scores_RW = self.scores(objectness_R, naming.word_scores_LW)
        return chosen(naming.labels_LW, scores_RW, boxes_R4, threshold=threshold)

    def background(self, rows: Rows) -> Rows:
        """See `Searchable.background`."""
        starts = range(0, max(1, len(rows)), LOOKS_AT_ONCE)
        features = (decoded(rows[start : start + LOOKS_AT_ONCE], LAYOUT) for start in starts)
        return np.concatenate([background_rows(self._scorer.background(some)) for some in features])

    def search(self, vocabulary: EmbeddedVocabulary) -> Search:
        """See `Searchable.search`."""
        scorer = self._scorer
        searched = Searched(scorer, scorer.words(vocabulary)) if vocabulary.vocabulary.words else None

        def found(rows: Rows, background: Rows, objectness_L: Floats, least: float) -> Floats:
            looks = Looks(rows=rows, background=background, layout=LAYOUT)
            sure_L = (objectness_L**OBJECTNESS_POWER).astype(np.float32)
            scores_LC = np.zeros((len(rows), 0), np.float32)
            if searched is not None:
                scores_LC = searched.scores(looks, least_logits(least, sure_L))
            if vocabulary.learnt is not None:
                scores_LC = _beside_learnt(scores_LC, vocabulary.learnt, looks)
            return np.asarray(scores_LC * sure_L[:, None], np.float32)

        return found

    def _words(
        self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary, words_per_region: int
    ) -> Naming:
        if len(vocabulary.embeddings) == 0:
            return no_words(len(features_LF))
        readings = [
            self._read(features_LF[start : start + LOOKS_AT_ONCE], vocabulary, words_per_region)
            for start in range(0, max(1, len(features_LF)), LOOKS_AT_ONCE)
        ]
        return Naming(
            labels_LW=np.concatenate([reading.labels_RW for reading in readings]),
            word_scores_LW=np.concatenate([reading.scores_RW for reading in readings]),
        )

    def _read(
        self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary, words_per_region: int
    ) -> Reading:
        whole_L = np.ones(len(features_LF), np.float32)
        return self._scorer.read(features_LF, whole_L, vocabulary, words_per_region=words_per_region)


def _beside_learnt(scores_LC: Floats, learnt: LearntEntries, looks: Looks) -> Floats:
    """(L, C + E) as `with_learnt` has it, but of every label."""
    compared_LG = np.concatenate((looks.segment("embedding"), looks.segment("appearance")), axis=1)
    chances_LE, none_L = learnt.chances(compared_LG)
    power = np.float32(WORD_POWER)
    return np.concatenate((scores_LC * (none_L**power)[:, None], chances_LE**power), axis=1)


def chosen(
    labels_RW: NDArray[np.int64], scores_RW: Floats, boxes_R4: Floats, *, threshold: float
) -> Detections:
    """Return the regions whose words score at least `threshold`, one box for one object, best first."""
    boxes_N4 = boxes_R4.repeat(labels_RW.shape[1], axis=0)
    label_N, score_N = labels_RW.reshape(-1), drop_doubles(scores_RW, boxes_R4).reshape(-1)
    # a box is only ever dropped or doubted for a better one: what is below the threshold has no say
    (sure,) = np.nonzero((score_N >= threshold) & (score_N > 0))
    boxes_N4, label_N, score_N = boxes_N4[sure], label_N[sure], score_N[sure]
    score_N = doubt_parts(drop_repeats(score_N, boxes_N4, label_N), boxes_N4, label_N)
    order = np.argsort(-score_N, kind="stable")
    # a threshold of 0 keeps everything but repeats
    order = order[(score_N[order] >= threshold) & (score_N[order] > 0)]
    return Detections(
        boxes_xyxy_px=boxes_N4[order],
        scores=score_N[order],
        label_ids=label_N[order].astype(np.int32),
    )
