"""Which of ImageNet's names a word stands for.

Legend: C words, K ImageNet's names.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.known_names import Floats

SAME_NAME = 0.75
"""Cosine from which a word is another spelling of an ImageNet name: "husky" of "Siberian husky dog"."""
ABOUT_AS_NEAR = 0.08
"""So much less than the nearest, and a name is meant too: a poodle is toy, standard or miniature."""


def groups(labels: Sequence[str], cosine_CK: Floats) -> NDArray[np.bool_]:
    """(C, K) the names that are a word or kinds of it, by WordNet; else by likeness; else none."""
    group_CK = np.zeros(cosine_CK.shape, bool)
    table = _table()
    for row, label in enumerate(labels):
        names = _names(label.casefold(), table)
        if names:
            group_CK[row, names] = True
        nearest = cosine_CK[row].max()
        if nearest >= SAME_NAME and (not names or len(names) == 1):
            group_CK[row] |= cosine_CK[row] >= max(SAME_NAME - ABOUT_AS_NEAR, nearest - ABOUT_AS_NEAR)
    return group_CK


def _names(word: str, table: Mapping[str, list[int]]) -> list[int]:
    for spelling in (word, word.split(" (")[0], word.removesuffix("s"), word.removesuffix("es")):
        if spelling in table:
            return table[spelling]
    return []


@cache
def _table() -> Mapping[str, list[int]]:
    text = files("workers.detectors.pocket").joinpath("imagenet_groups.txt").read_text()
    lines = (line.split("\t") for line in text.splitlines())
    return {word: [int(number) for number in numbers.split()] for word, numbers in lines}
