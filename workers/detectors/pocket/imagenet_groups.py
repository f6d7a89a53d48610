"""Which of ImageNet's names a word stands for.

Legend: C words, K ImageNet's names.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from vocabularies import shipped_labels
from workers.detectors.pocket.known_names import Floats

SAME_NAME = 0.75
"""Cosine from which a word is another spelling of an ImageNet name: "husky" of "Siberian husky dog"."""
ABOUT_AS_NEAR = 0.08
"""So much less than the nearest, and a name is meant too: a poodle is toy, standard or miniature."""


def groups(labels: Sequence[str], cosine_CK: Floats) -> NDArray[np.bool_]:
    """(C, K) names that are a word or kinds of it, by WordNet or our list, else by likeness, or none."""
    group_CK = np.zeros(cosine_CK.shape, bool)
    table, own_names = _table(), _own_names()
    for row, label in enumerate(labels):
        names = _names(label.casefold(), table)
        own = own_names.get(label.casefold())
        if own is not None and own not in names:
            names = [own]
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


@cache
def _own_names() -> Mapping[str, int]:
    """What our list calls ImageNet's names, which it has in their order: often not as WordNet does."""
    return {label.casefold(): number for number, label in enumerate(shipped_labels("imagenet1k"))}
