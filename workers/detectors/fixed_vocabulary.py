"""A detector that knows only what it was trained on: the user's words choose among its names.

A word means a name that is the same but for case, hyphens and a plural, or a name of the same thing
(`synonyms.txt`). Any other word cannot be found, which is told with the name that comes nearest.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from vocabularies import Vocabulary, VocabularyError

NAMED_AT_MOST = 8
_SPELLED_ALIKE = 0.85

Nearest = Callable[[str, Sequence[str]], str]
"""Of some names the one whose meaning comes nearest to a word."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a vocabulary chooses among a detector's names."""

    label_of_name: NDArray[np.int32]
    """(names,), the vocabulary's label that each is found under, or -1."""
    unknown: dict[str, str]
    """Label that cannot be found → what to ask for instead."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell people, bounded."""
        if not self.unknown:
            return ()
        told = [f"{word!r} (nearest: {name!r})" for word, name in self.unknown.items()]
        more = f" and {len(told) - NAMED_AT_MOST} more" if len(told) > NAMED_AT_MOST else ""
        return (f"this detector cannot find {', '.join(told[:NAMED_AT_MOST])}{more}",)


def choose(names: Sequence[str], vocabulary: Vocabulary, nearest: Nearest | None = None) -> Chosen:
    """Match labels with names. Raises `VocabularyError` where no label is a name."""
    position: dict[str, int] = {}
    for place, name in enumerate(names):
        for form in _forms(name):
            position.setdefault(form, place)
    label_of_name = np.full(len(names), -1, np.int32)
    lost: list[tuple[str, str | None]] = []
    for label_id, label in enumerate(vocabulary.labels):
        index = next((position[form] for form in _forms(label) if form in position), None)
        if index is None:
            lost.append((label, None))
        elif label_of_name[index] >= 0:  # two words for one thing: it is found under the first
            lost.append((label, vocabulary.labels[label_of_name[index]]))
        else:
            label_of_name[index] = label_id
    if (label_of_name < 0).all():
        raise VocabularyError(_nothing_known(names, vocabulary, nearest))
    return Chosen(label_of_name=label_of_name, unknown=_told(lost, names, nearest))


def _told(
    lost: list[tuple[str, str | None]], names: Sequence[str], nearest: Nearest | None
) -> dict[str, str]:
    """With the nearest name; past the first few, which alone are shown, by spelling alone."""
    return {
        label: name or nearest_name(label, names, nearest if number < NAMED_AT_MOST else None)
        for number, (label, name) in enumerate(lost)
    }


def nearest_name(word: str, names: Sequence[str], nearest: Nearest | None) -> str:
    """By spelling where that is close, else by meaning."""
    alike = get_close_matches(_plain(word), [_plain(name) for name in names], n=1, cutoff=_SPELLED_ALIKE)
    if alike:
        return next(name for name in names if _plain(name) == alike[0])
    if nearest is not None:
        return nearest(word, names)
    return next(iter(get_close_matches(_plain(word), names, n=1, cutoff=0.0)), names[0])


def _nothing_known(names: Sequence[str], vocabulary: Vocabulary, nearest: Nearest | None) -> str:
    first = vocabulary.labels[0]
    asked = f"{first!r}" if len(vocabulary.labels) == 1 else f"any of {len(vocabulary.labels)} words"
    some = ", ".join(names[:NAMED_AT_MOST])
    return (
        f"this detector cannot find {asked}: nearest to {first!r} is "
        f"{nearest_name(first, names, nearest)!r}; it knows {len(names)} names: {some}, …"
    )


def _forms(name: str) -> Iterator[str]:
    """The name and what else it may be called, the likeliest first."""
    plain = _plain(name)
    for form in (plain, *_singulars(plain)):
        yield form
        yield from _synonyms().get(form, ())


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[-_/]", " ", name.casefold()).split())


def _singulars(plain: str) -> Iterator[str]:
    if plain.endswith("ies"):
        yield plain[:-3] + "y"
    if plain.endswith("es"):
        yield plain[:-2]
    if plain.endswith("s") and not plain.endswith("ss"):
        yield plain[:-1]


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    text = files("workers.detectors").joinpath("synonyms.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    groups = [tuple(name.strip() for name in line.split(",")) for line in lines]
    return {name: group for group in groups for name in group}
