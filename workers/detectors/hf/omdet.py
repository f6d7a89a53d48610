"""OmDet-Turbo (Zhao et al. 2024, arXiv 2403.06892).

The words of one task compete for the queries, and the task's sentence repeats them, so each word has a task
of its own.

Legend: B pictures, Q queries.
"""

from typing import Any

import torch
from torch import Tensor
from torchvision.ops import nms

from workers.detectors.hf.pictures import Pictures
from workers.detectors.hf.remembered import Remembered

OVERLAP_IOU = 0.5
"""Of boxes of one word that overlap more, the best stays; as in the model's own post-processing."""


class OmDetModel:
    """`OneWordModel` by an OmDet-Turbo."""

    default_threshold = 0.3
    text_tokens = 77

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._remembered = [Remembered(model.vision_backbone), Remembered(model.encoder)]

    def ask(self, pictures: Pictures, word: str) -> tuple[Tensor, Tensor]:
        """See `OneWordModel`. A word of more tokens than there is room for is cut."""
        inputs = {
            f"{kind}_{name}": value.to(self._model.device).expand(len(pictures), -1)
            for kind, text in (("classes", word), ("tasks", f"Detect {word}."))
            for name, value in self._tokens(text).items()
        }
        outputs = self._model(
            pixel_values=pictures.inputs["pixel_values"],
            classes_structure=torch.ones(len(pictures), dtype=torch.long, device=self._model.device),
            **inputs,
        )
        scores_BQ: Tensor = outputs.decoder_class_logits[..., 0].float().sigmoid()
        return scores_BQ, outputs.decoder_coord_logits.float()

    def _tokens(self, text: str) -> dict[str, Tensor]:
        found = self._tokenizer(
            [text], padding="max_length", truncation=True, max_length=self.text_tokens, return_tensors="pt"
        )
        return {name: found[name] for name in ("input_ids", "attention_mask")}

    def separate(self, boxes_N4: Tensor, scores_N: Tensor) -> Tensor:
        """The best of boxes that overlap."""
        stay: Tensor = nms(boxes_N4, scores_N, OVERLAP_IOU)
        return stay

    def forget(self) -> None:
        """See `OneWordModel`."""
        for part in self._remembered:
            part.forget()
