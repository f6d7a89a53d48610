"""The text tower of an OWLv2 or an OWL-ViT as a `TextEncoder`.

Legend: N sentences, T tokens, D embedding.
"""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from workers.detectors.protocol import Progress

_LOG = logging.getLogger(__name__)

TOKENS = 16
"""What the model was trained with; a longer sentence is cut."""
SENTENCES_AT_ONCE = 256


class OwlTextEncoder:
    """A sentence's place beside what patches look like, of length 1."""

    def __init__(self, core: Any, tokenizer: Any, *, identity: str) -> None:
        self.identity = identity
        self._core, self._tokenizer = core, tokenizer

    @torch.inference_mode()
    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (len(sentences), D) float32. A sentence over 16 tokens is cut, with a warning."""
        parts = [np.zeros((0, self._core.text_projection.out_features), np.float32)]
        for start in range(0, len(sentences), SENTENCES_AT_ONCE):
            chosen = list(sentences[start : start + SENTENCES_AT_ONCE])
            parts.append(self._encoded(chosen))
            if progress is not None:
                progress(start + len(chosen), len(sentences))
        return np.concatenate(parts)

    def _encoded(self, sentences: list[str]) -> NDArray[np.float32]:
        for sentence in sentences:
            if len(self._tokenizer(sentence)["input_ids"]) > TOKENS:
                _LOG.warning("%r is too long for OWL: its end is ignored", sentence)
        tokens = self._tokenizer(
            sentences, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt"
        ).to(self._core.device)
        text = self._core.text_model(
            input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
        ).pooler_output
        rows_ND = self._core.text_projection(text).float()
        found: NDArray[np.float32] = (rows_ND / rows_ND.norm(dim=1, keepdim=True)).cpu().numpy()
        return found
