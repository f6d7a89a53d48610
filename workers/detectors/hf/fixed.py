"""Models of a fixed vocabulary: RT-DETR, D-FINE, DETR, RF-DETR and whatever else detects by labels.

Boxes, scores and labels are those of the family's own post-processing; the user's words choose among them.

Legend: B pictures, N boxes, C words.
"""

from typing import Any

import torch

from vocabularies import Vocabulary
from workers.detectors.detections import Detections
from workers.detectors.facts import Facts
from workers.detectors.fixed_vocabulary import Chosen, choose
from workers.detectors.found_boxes import Boxes, to_detections
from workers.detectors.hf.pictures import Pictures
from workers.detectors.names_only import NamesOnly
from workers.detectors.nearest_meaning import nearest_meaning
from workers.detectors.protocol import EmbeddedVocabulary, TextEncoder


class FixedModel:
    """`Family` by a model with labels of its own."""

    default_threshold = 0.5
    text_encoder: TextEncoder = NamesOnly()

    def __init__(self, model: Any, image_processor: Any) -> None:
        self._model, self._image_processor = model, image_processor
        labels: dict[int, str] = model.config.id2label
        self._names = [labels.get(index, "") for index in range(max(labels) + 1)]
        self._chosen: tuple[str, Chosen] | None = None

    def detect(
        self, pictures: Pictures, vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int
    ) -> list[Detections]:
        """See `Family.detect`. Regions are never kept: there is nothing in them to ask other words of."""
        del regions
        chosen = self._choose(vocabulary.vocabulary)
        label_of_name = torch.from_numpy(chosen.label_of_name).to(self._model.device)
        found = self._image_processor.post_process_object_detection(
            self._model(**pictures.inputs),
            threshold=0.0,  # a word's best score is told even where it is below
            target_sizes=[pictures.frame_hw_px] * len(pictures),
        )
        words = len(vocabulary.vocabulary.labels)
        return [self._one(one, label_of_name, pictures, words, threshold) for one in found]

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """Which words cannot be found."""
        chosen = self._choose(vocabulary)
        return Facts(facts={"names": len(self._names), "not_known": dict(chosen.unknown)}, notes=chosen.notes)

    def _one(
        self,
        found: dict[str, torch.Tensor],
        label_of_name: torch.Tensor,
        pictures: Pictures,
        words: int,
        threshold: float,
    ) -> Detections:
        labels_N = label_of_name[found["labels"]].long()
        asked = labels_N >= 0
        scores_N, labels_N = found["scores"][asked].float(), labels_N[asked]
        best_C = torch.zeros(words, device=scores_N.device)
        best_C.scatter_reduce_(0, labels_N, scores_N, "amax")
        sure = scores_N > threshold
        boxes = Boxes(boxes_N4=found["boxes"][asked][sure], scores_N=scores_N[sure], labels_N=labels_N[sure])
        return to_detections(boxes, pictures.frame_hw_px, label_scores_C=best_C)

    def _choose(self, vocabulary: Vocabulary) -> Chosen:
        """Once for a vocabulary: the next batch almost always asks for the same."""
        if self._chosen is None or self._chosen[0] != vocabulary.digest:
            self._chosen = vocabulary.digest, choose(self._names, vocabulary, nearest_meaning)
        return self._chosen[1]
