"""OWLv2 (Minderer et al. 2023, arXiv 2306.09683) and OWL-ViT (2022).

Picture and words meet only in one product per patch and word, so nothing of a word depends on the others,
and what a patch looks like can be kept: other words can be asked of it later.

OWLv2 sees a square: the frame with grey below or beside it. Its boxes are parts of that square, not of the
frame; what lies in the grey is nothing.

Legend: B pictures, P patches, R kept patches, N boxes, C words, D embedding; F = D + 2.
"""

from typing import Any

import torch
from torch import Tensor

from vocabularies import Vocabulary, VocabularyError
from workers.detectors.detections import Detections, Regions
from workers.detectors.facts import Facts
from workers.detectors.found_boxes import Boxes, corners, to_detections
from workers.detectors.hf.owl_text import OwlTextEncoder
from workers.detectors.hf.pictures import Pictures
from workers.detectors.protocol import EmbeddedVocabulary, TextEncoder

WORDS_AT_ONCE = 1024
"""Columns of scores that exist at a time: 3600 patches of them take 15 MB."""


class OwlModel:
    """`Family` by an OWLv2 or an OWL-ViT."""

    default_threshold = 0.2

    def __init__(self, model: Any, tokenizer: Any, digest: str) -> None:
        self._model = model
        self._sees_a_square = model.config.model_type == "owlv2"
        self._core = getattr(model, model.config.model_type)
        self.text_encoder: TextEncoder = OwlTextEncoder(self._core, tokenizer, identity=f"owl-{digest[:16]}")

    def detect(
        self, pictures: Pictures, vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int
    ) -> list[Detections]:
        """See `Family.detect`."""
        texts_CD = self._texts(vocabulary)
        looks_BPF, boxes_BP4, objectness_BP = self._look(pictures)
        found = []
        for looks_PF, boxes_P4, objectness_P in zip(looks_BPF, boxes_BP4, objectness_BP, strict=True):
            boxes, best_C = _found(looks_PF, boxes_P4, texts_CD, threshold)
            kept = _regions(looks_PF, boxes_P4, objectness_P, pictures, regions) if regions else None
            found.append(to_detections(boxes, pictures.frame_hw_px, label_scores_C=best_C, regions=kept))
        return found

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """Words meet the picture in one product: how many do so at once changes nothing."""
        passes = -(-len(vocabulary.labels) // WORDS_AT_ONCE)
        return Facts(facts={"words_per_pass": WORDS_AT_ONCE, "passes": passes, "text_tokens": 16})

    def _texts(self, vocabulary: EmbeddedVocabulary) -> Tensor:
        width = self._model.class_head.dense0.out_features
        rows_CD: Tensor = torch.from_numpy(vocabulary.embeddings).to(self._model.device)
        if rows_CD.shape[1] != width:
            raise VocabularyError(
                f"the vocabulary {vocabulary.vocabulary.name!r} is embedded in {rows_CD.shape[1]} "
                f"dimensions, and this detector compares in {width}: embed it with "
                f"{self.text_encoder.identity}"
            )
        unit_CD: Tensor = rows_CD / (rows_CD.norm(dim=1, keepdim=True) + 1e-6)
        return unit_CD

    def _look(self, pictures: Pictures) -> tuple[Tensor, Tensor, Tensor]:
        """Return what each patch looks like (B, P, F), its box in pixels, and whether it is an object."""
        map_BHWD, _ = self._model.image_embedder(pixel_values=pictures.inputs["pixel_values"])
        patches_BPD = map_BHWD.flatten(1, 2)
        boxes_BP4 = corners(self._model.box_predictor(patches_BPD, map_BHWD).float())
        if self._sees_a_square:
            boxes_BP4 = boxes_BP4 * max(pictures.frame_hw_px)
            objectness_BP = self._model.objectness_predictor(patches_BPD).float().sigmoid()
        else:
            boxes_BP4 = boxes_BP4 * pictures.size_px
            objectness_BP = boxes_BP4.new_ones(boxes_BP4.shape[:2])  # OWL-ViT does not say
        return self._looks(patches_BPD), boxes_BP4, objectness_BP

    def _looks(self, patches_BPD: Tensor) -> Tensor:
        """What a word is compared with, and the shift and scale that make a logit of it."""
        head = self._model.class_head
        look_BPD = head.dense0(patches_BPD)
        look_BPD = look_BPD / (look_BPD.norm(dim=-1, keepdim=True) + 1e-6)
        scale_BP1 = head.elu(head.logit_scale(patches_BPD)) + 1
        return torch.cat([look_BPD, head.logit_shift(patches_BPD), scale_BP1], dim=-1).float()


def _found(looks_PF: Tensor, boxes_P4: Tensor, texts_CD: Tensor, threshold: float) -> tuple[Boxes, Tensor]:
    """Return the boxes of all words above the threshold, and each word's best score."""
    parts, best = [], []
    for first in range(0, len(texts_CD), WORDS_AT_ONCE):
        scores_PC = _scores(looks_PF, texts_CD[first : first + WORDS_AT_ONCE])
        patch_N, column_N = (scores_PC > threshold).nonzero(as_tuple=True)
        parts.append(
            Boxes(
                boxes_N4=boxes_P4[patch_N], scores_N=scores_PC[patch_N, column_N], labels_N=column_N + first
            )
        )
        best.append(scores_PC.amax(dim=0))
    return Boxes.together(parts), torch.cat(best)


def _scores(looks_PF: Tensor, texts_CD: Tensor) -> Tensor:
    likeness_PC = looks_PF[:, :-2] @ texts_CD.T
    return ((likeness_PC + looks_PF[:, -2:-1]) * looks_PF[:, -1:]).sigmoid()


def _regions(
    looks_PF: Tensor, boxes_P4: Tensor, objectness_P: Tensor, pictures: Pictures, most: int
) -> Regions:
    """The patches that are objects most surely, of those that lie in the frame."""
    inside_P4 = boxes_P4.clamp(min=0).minimum(pictures.size_px)
    has_area_P = (inside_P4[:, 2:] > inside_P4[:, :2]).all(dim=1)
    order_P = objectness_P.argsort(descending=True, stable=True)
    kept_R = order_P[has_area_P[order_P]][:most]
    return Regions(
        boxes_xyxy_px=inside_P4[kept_R].float().cpu().numpy(),
        objectness=objectness_P[kept_R].cpu().numpy(),
        features=looks_PF[kept_R].half().cpu().numpy(),
    )
