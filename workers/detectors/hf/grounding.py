"""Grounding DINO (Liu et al. 2023, arXiv 2303.05499) and MM-Grounding-DINO (Zhao et al. 2024), LLMDet too.

Such a model gives every query a logit for every token of its text. A word's score is the highest of its own
tokens' (`[CLS] cell phone . [SEP]`: of two), read from the logits. transformers' own post-processing gives
back text instead, decoded from whichever tokens are above a threshold: of several words it merges and
fragments them, and a mark's or an end's token may win.

Legend: B pictures, Q queries, T tokens.
"""

from typing import Any

import torch
from torch import Tensor

from vocabularies import VocabularyError
from workers.detectors.hf.pictures import Pictures
from workers.detectors.hf.remembered import Remembered


class GroundingModel:
    """`OneWordModel` by a Grounding DINO."""

    default_threshold = 0.3

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._backbone = Remembered(model.model.backbone)
        self._marks = set(model.model.special_tokens.tolist())
        self.text_tokens = int(model.config.max_text_len)

    def ask(self, pictures: Pictures, word: str) -> tuple[Tensor, Tensor]:
        """See `OneWordModel`. Raises `VocabularyError` for a word of more tokens than there is room for."""
        tokens = self.tokens(word)
        own = torch.tensor([token not in self._marks for token in tokens])
        ids_BT = torch.tensor([tokens], device=self._model.device).expand(len(pictures), -1)
        outputs = self._model(**pictures.inputs, input_ids=ids_BT)
        logits_BQT = outputs.logits[..., : len(tokens)][..., own.to(outputs.logits.device)]
        return logits_BQT.float().sigmoid().amax(dim=-1), outputs.pred_boxes.float()

    def tokens(self, word: str) -> list[int]:
        """The word between the marks that make it one phrase: start, full stop, end."""
        # a full stop or a question mark ends a phrase, so one inside a word would cut it in two
        phrase = " ".join(word.casefold().replace(".", " ").replace("?", " ").split())
        tokens: list[int] = self._tokenizer(f"{phrase}.")["input_ids"]
        if len(tokens) > self.text_tokens:
            raise VocabularyError(
                f"{word[:60] + '…'!r} is {len(tokens)} tokens long: this detector reads {self.text_tokens}"
            )
        if all(token in self._marks for token in tokens):
            raise VocabularyError(f"{word!r} holds nothing this detector can read: write it in words")
        return tokens

    def separate(self, boxes_N4: Tensor, scores_N: Tensor) -> Tensor:
        """All: the model was trained to give one query to an object."""
        del boxes_N4
        return torch.arange(len(scores_N), device=scores_N.device)

    def forget(self) -> None:
        """See `OneWordModel`."""
        self._backbone.forget()
