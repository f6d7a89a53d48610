"""A detector that knows single words, finding phrases too: one look at a frame, asked more.

Legend: R regions of a frame, C parts of phrases, K colours.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from api_client.contract.thresholds import Thresholds
from vocabularies import Vocabulary
from vocabularies.phrase import COLOURS
from workers.detectors.detections import Detections
from workers.detectors.facts import Facts, facts_of
from workers.detectors.phrases import colours
from workers.detectors.phrases.question import Floats, PhraseQuestion
from workers.detectors.protocol import Detector, EmbeddedVocabulary, Frame, Rescorer

MOST_REGIONS = 256
"""Of a frame whose parts are asked: all that pocket and Detic have."""
TOLD_AT_MOST = 8
"""Phrases in one line for people."""


class PhraseDetector:
    """`Detector` by another one that keeps regions. Not thread-safe where that one is not."""

    def __init__(self, detector: Detector, thresholds: Thresholds) -> None:
        """thresholds: from which score on labels count."""
        assert detector.rescorer is not None, "phrases are asked of regions"
        self.name = detector.name
        self.weights_digest = detector.weights_digest
        self.batch_size = detector.batch_size
        self.default_threshold = detector.default_threshold
        self.text_encoder = detector.text_encoder
        self.rescorer: Rescorer = detector.rescorer
        self._detector, self._thresholds = detector, thresholds
        self._last: tuple[EmbeddedVocabulary, PhraseQuestion] | None = None

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`."""
        question = self._question(vocabulary)
        found = self._detector.detect(
            frames,
            question.words or question.parts,
            threshold=threshold,
            regions=max(regions, MOST_REGIONS),
        )
        return [
            self._answered(question, frame, one, threshold=threshold, regions=regions)
            for frame, one in zip(frames, found, strict=True)
        ]

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """What the detector says, and how phrases are understood."""
        said = facts_of(self._detector, vocabulary)
        read = {phrase.label: str(phrase) for phrase in vocabulary.phrases}
        told = [f"{label!r} as {parts}" for label, parts in read.items()]
        more = f" and {len(told) - TOLD_AT_MOST} more" if len(told) > TOLD_AT_MOST else ""
        note = f"phrases were found by their parts: {', '.join(told[:TOLD_AT_MOST])}{more}"
        return Facts(facts={**said.facts, "phrases": read}, notes=(*said.notes, note))

    def _question(self, vocabulary: EmbeddedVocabulary) -> PhraseQuestion:
        """The same object for the same vocabulary: detectors keep what they prepared for one."""
        if self._last is None or self._last[0] is not vocabulary:
            self._last = vocabulary, PhraseQuestion.of(vocabulary, self._thresholds)
        return self._last[1]

    def _answered(
        self, question: PhraseQuestion, frame: Frame, found: Detections, *, threshold: float, regions: int
    ) -> Detections:
        every = found.regions
        assert every is not None, "all were asked for"
        chances_RC = self.rescorer.chances(every.features, question.parts)
        scores_RC = self.rescorer.scores(every.objectness, chances_RC)
        shares_RK: Floats | None = None
        if question.asks_colours:
            shares_RK = np.zeros((len(scores_RC), len(COLOURS)), np.float32)
            seen = question.coloured(scores_RC, threshold)
            shares_RK[seen] = colours.shares(frame, every.boxes_xyxy_px[seen])
        answered = question.answered(
            None if question.words is None else found,
            every.boxes_xyxy_px,
            scores_RC,
            shares_RK,
            threshold=threshold,
        )
        return replace(answered, regions=every.best(regions) if regions else None)
