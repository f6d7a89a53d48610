"""The names the network was taught, as rows among sentences, and how far ImageNet's spread over others.

Legend: A known names (ImageNet's, then COCO's), K ImageNet's names, O COCO's names, S spellings of those,
C words, D sentence embedding.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

TRANSLATION_SHARPNESS = 20.0
"""Inverse temperature by which an ImageNet name spreads over other names."""
SAME_SPELLING = 0.99
"""Cosine from which a spelling is a COCO name itself, whatever rounding did to both."""


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """Embeddings of the names the network was taught."""

    rows_AD: Floats
    """Centred, unit length; ImageNet's names first."""
    mean_D: Floats
    """Mean direction, taken off every sentence before comparing."""
    image_names: int
    """How many of the rows are ImageNet's."""
    taught_SD: Floats
    """What boxes were called in training, COCO's names each before its synonyms; centred, unit length."""

    def unit(self, sentences_CD: Floats) -> Floats:
        """Raw sentence embeddings made comparable with the rows."""
        return normalised(normalised(sentences_CD.astype(np.float32)) - self.mean_D)

    @cached_property
    def image_likeness(self) -> Floats:
        """(K, A) exp of the sharpened cosine of ImageNet's names with all known names."""
        return sharpened(self.rows_AD[: self.image_names] @ self.rows_AD.T)

    @cached_property
    def image_translation(self) -> Floats:
        """(K, A) how ImageNet's names spread over the known names; rows sum to 1."""
        return np.asarray(self.image_likeness / self.image_likeness.sum(1, keepdims=True), np.float32)

    @cached_property
    def families(self) -> NDArray[np.int64]:
        """(A,) the nearest of COCO's names to each known name; those of one are a family."""
        return np.asarray((self.rows_AD @ self.rows_AD[self.image_names :].T).argmax(1), np.int64)

    @cached_property
    def first_spellings(self) -> NDArray[np.int64]:
        """(O,) the row in `taught_SD` where the spellings of each COCO name begin."""
        names = self.rows_AD[self.image_names :]
        first: list[int] = []
        for row, spelling in enumerate(self.taught_SD):
            if len(first) < len(names) and spelling @ names[len(first)] > SAME_SPELLING:
                first.append(row)
        assert len(first) == len(names), "every COCO name is among its own spellings"
        return np.array(first, np.int64)

    def best_spellings(self, rows_CD: Floats) -> Floats:
        """(C, O) the best cosine of each word with any spelling of each COCO name."""
        cosine_CS = rows_CD @ self.taught_SD.T
        return np.maximum.reduceat(cosine_CS, self.first_spellings, axis=1)


def sharpened(cosine: Floats) -> Floats:
    """Exponential of the sharpened cosine."""
    return np.asarray(np.exp(np.float32(TRANSLATION_SHARPNESS) * cosine), np.float32)


def normalised(rows: Floats) -> Floats:
    """Rows of unit length; a row of zeros stays."""
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True).clip(1e-12), np.float32)
