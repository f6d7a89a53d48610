"""Models that mix words and picture: every word is asked alone, so that no word's boxes depend on another's.

In such a model the words of one prompt share attention, the choice of queries and the room for tokens. Asked
alone, a word gives the same boxes in any vocabulary, and scores of different passes can be compared: each is
the sigmoid of a logit of its own, never a share among the words of its prompt. What reads the picture alone
is computed once for all words.

Legend: B pictures, Q queries, N boxes, C words.
"""

from typing import Protocol

import torch
from torch import Tensor

from vocabularies import Vocabulary
from workers.detectors.detections import Detections
from workers.detectors.facts import Facts
from workers.detectors.found_boxes import Boxes, corners, to_detections
from workers.detectors.hf.pictures import Pictures
from workers.detectors.names_only import NamesOnly
from workers.detectors.protocol import EmbeddedVocabulary, TextEncoder


class OneWordModel(Protocol):
    """A model that is asked one word of several pictures."""

    default_threshold: float
    text_tokens: int
    """Room for the tokens of one word."""

    def ask(self, pictures: Pictures, word: str) -> tuple[Tensor, Tensor]:
        """Return scores (B, Q) in 0..1 and boxes (B, Q, 4), centre and size in parts of the picture."""
        ...

    def separate(self, boxes_N4: Tensor, scores_N: Tensor) -> Tensor:
        """Return indices of the boxes that stay: one for an object."""
        ...

    def forget(self) -> None:
        """Pictures change: what was remembered of the last ones no longer holds."""
        ...


class OneWordAPass:
    """`Family` by a model that is asked one word after the other."""

    text_encoder: TextEncoder = NamesOnly()

    def __init__(self, model: OneWordModel) -> None:
        self._model = model
        self.default_threshold = model.default_threshold

    def detect(
        self, pictures: Pictures, vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int
    ) -> list[Detections]:
        """See `Family.detect`. Regions are never kept: what a query shows depends on the word."""
        del regions
        labels = vocabulary.vocabulary.labels
        best_BC = torch.zeros(len(pictures), len(labels))
        found: list[list[Boxes]] = [[] for _ in range(len(pictures))]
        self._model.forget()
        for label_id, word in enumerate(labels):
            scores_BQ, boxes_BQ4 = self._model.ask(pictures, word)
            best_BC[:, label_id] = scores_BQ.amax(dim=1).cpu()
            for picture, (scores_Q, boxes_Q4) in enumerate(zip(scores_BQ, boxes_BQ4, strict=True)):
                found[picture].append(self._kept(scores_Q, boxes_Q4, pictures, label_id, threshold))
        self._model.forget()
        return [
            to_detections(Boxes.together(parts), pictures.frame_hw_px, label_scores_C=best_C)
            for parts, best_C in zip(found, best_BC, strict=True)
        ]

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """Every word is a block of its own."""
        return Facts(
            facts={
                "words_per_pass": 1,
                "passes": len(vocabulary.labels),
                "text_tokens": self._model.text_tokens,
            }
        )

    def _kept(
        self, scores_Q: Tensor, boxes_Q4: Tensor, pictures: Pictures, label_id: int, threshold: float
    ) -> Boxes:
        sure = scores_Q > threshold
        scores_N, boxes_N4 = scores_Q[sure], corners(boxes_Q4[sure]) * pictures.size_px
        stay = self._model.separate(boxes_N4, scores_N)
        return Boxes(
            boxes_N4=boxes_N4[stay],
            scores_N=scores_N[stay],
            labels_N=torch.full((len(stay),), label_id, device=scores_N.device),
        )
