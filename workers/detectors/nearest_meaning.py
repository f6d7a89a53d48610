"""Which of some names means most nearly what a word means, by the text encoder that ships."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.text_encoder import MiniLMTextEncoder


def nearest_meaning(word: str, names: Sequence[str]) -> str:
    """Return the name whose sentence lies nearest to the word's."""
    rows = _encoded(tuple(names))
    return names[int((rows @ _unit(_encoder().encode([f"a {word}"]))[0]).argmax())]


@cache
def _encoder() -> MiniLMTextEncoder:
    return MiniLMTextEncoder()


@cache
def _encoded(names: tuple[str, ...]) -> NDArray[np.float32]:
    return _unit(_encoder().encode([f"a {name}" for name in names]))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
