"""A vocabulary with phrases, in what detectors can be asked: its words, and the parts of its phrases.

Words are asked as if there were no phrases, so that phrases change nothing of what is said of them. The parts
are asked of all regions of a frame, each alone.

Legend: R regions of a frame, C parts, K colours.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from api_client.contract.thresholds import Thresholds
from vocabularies import Vocabulary
from vocabularies.phrase import Phrase
from vocabularies.phrase_reading import noun_of
from workers.detectors.detections import Detections
from workers.detectors.phrases.one_label import Places, one_object_each
from workers.detectors.phrases.scoring import SeenParts
from workers.detectors.protocol import EmbeddedVocabulary

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class PhraseQuestion:
    """What is asked of frames, and how the answers become detections."""

    labels: tuple[str, ...]
    """Of the vocabulary."""
    phrases: dict[int, Phrase]
    """By label id."""
    words: EmbeddedVocabulary | None
    """Everything but the phrases; None where there is nothing else."""
    parts: EmbeddedVocabulary
    """What the phrases ask for."""
    shown_from: Floats
    """(labels,)."""

    @classmethod
    def of(cls, vocabulary: EmbeddedVocabulary, thresholds: Thresholds) -> "PhraseQuestion":
        """thresholds: from which score on labels count."""
        asked = vocabulary.vocabulary
        assert vocabulary.part_embeddings is not None, "the parts of phrases are embedded with the words"
        return cls(
            labels=asked.labels,
            phrases={asked.labels.index(phrase.label): phrase for phrase in asked.phrases},
            words=_without_phrases(vocabulary),
            parts=EmbeddedVocabulary(
                vocabulary=Vocabulary(name=asked.name, labels=asked.parts, prompts=asked.prompts),
                embeddings=vocabulary.part_embeddings,
            ),
            shown_from=np.array(thresholds.each(asked.labels), np.float32),
        )

    @cached_property
    def asks_colours(self) -> bool:
        """Whether pixels are needed."""
        return any(phrase.colours for phrase in self.phrases.values())

    def coloured(self, scores_RC: Floats, least: float) -> NDArray[np.bool_]:
        """(R,) the regions whose colour matters: those that may be a thing whose colour is asked for."""
        nouns = {thing.noun for it in self.phrases.values() for thing in it.things if thing.colours}
        asked_C = np.isin(self.parts.vocabulary.labels, list(nouns))
        return np.asarray((scores_RC[:, asked_C] >= least).any(axis=1))

    def answered(
        self,
        words: Detections | None,
        boxes_R4: Floats,
        scores_RC: Floats,
        shares_RK: Floats | None,
        *,
        threshold: float,
    ) -> Detections:
        """Return what one frame shows.

        words: what was found of `self.words`. boxes, scores: of all regions, how sure each part is of each.
        shares: their colours, where they are asked for. threshold: lowest score kept.
        """
        seen = SeenParts(
            boxes_R4=boxes_R4,
            parts=self.parts.vocabulary.labels,
            scores_RC=scores_RC,
            shares_RK=shares_RK,
        )
        scores_RP = seen.of_phrases(list(self.phrases.values()))
        found = self._found(boxes_R4, scores_RP, threshold)
        return replace(
            self._places.shared(self._in_own_labels(words), found),
            label_scores=self._label_scores(words, scores_RP),
        )

    def _found(self, boxes_R4: Floats, scores_RP: Floats, threshold: float) -> Detections:
        found: list[tuple[Floats, Floats, NDArray[np.int32]]] = []
        for label, score_R in zip(self.phrases, scores_RP.T, strict=True):
            (sure,) = np.nonzero((score_R >= threshold) & (score_R > 0))
            rows, scores = one_object_each(boxes_R4[sure], score_R[sure])
            still = scores >= threshold
            rows = sure[rows[still]]
            found.append((boxes_R4[rows], scores[still], np.full(len(rows), label, np.int32)))
        boxes_N4, scores_N, labels_N = (np.concatenate(column) for column in zip(*found, strict=True))
        return Detections(boxes_xyxy_px=boxes_N4, scores=scores_N, label_ids=labels_N)

    def _in_own_labels(self, words: Detections | None) -> Detections:
        if words is None:
            return Detections.none()
        return replace(words, label_ids=self.word_ids[words.label_ids])

    def _label_scores(self, words: Detections | None, scores_RP: Floats) -> Floats:
        best = np.zeros(len(self.labels), np.float32)
        if words is not None and words.label_scores is not None:
            best[self.word_ids] = words.label_scores
        best[list(self.phrases)] = scores_RP.max(axis=0, initial=0)
        return best

    @cached_property
    def word_ids(self) -> NDArray[np.int32]:
        """The label ids of `self.words`."""
        return np.array([it for it in range(len(self.labels)) if it not in self.phrases], np.int32)

    @cached_property
    def _places(self) -> Places:
        nouns = {label: noun_of(self.labels[label]) for label in self.word_ids.tolist()}
        return Places(phrases=self.phrases, noun_of_word=nouns, shown_from=self.shown_from)


def _without_phrases(vocabulary: EmbeddedVocabulary) -> EmbeddedVocabulary | None:
    asked = vocabulary.vocabulary
    gone = {phrase.label for phrase in asked.phrases}
    labels = tuple(label for label in asked.labels if label not in gone)
    if not labels:
        return None
    is_word = [label not in gone for label in asked.words]
    thresholds = tuple(pair for pair in asked.thresholds if pair[0] not in gone)
    return EmbeddedVocabulary(
        vocabulary=replace(asked, labels=labels, thresholds=thresholds, phrases=()),
        embeddings=vocabulary.embeddings[is_word],
        learnt=vocabulary.learnt,
    )
