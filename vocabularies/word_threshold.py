"""A word with a threshold of its own: `dog:0.6`."""

import re
from collections.abc import Iterable

from vocabularies.errors import VocabularyError

_WITH_THRESHOLD = re.compile(r"(?P<label>.*\S)\s*:\s*(?P<threshold>\d*\.\d+)")
"""A point is needed: "16:9" is a word."""


def split_thresholds(words: Iterable[str]) -> tuple[tuple[str, ...], tuple[tuple[str, float], ...]]:
    """Return the labels, and (label, threshold) of those that have one.

    Raises `VocabularyError` where a threshold is above 1.
    """
    labels, thresholds = [], []
    for word in words:
        found = _WITH_THRESHOLD.fullmatch(word)
        labels.append(found["label"] if found else word)
        if found:
            threshold = float(found["threshold"])
            if threshold > 1:
                raise VocabularyError(f"{word!r}: a threshold is between 0 and 1, e.g. '{labels[-1]}:0.6'")
            thresholds.append((labels[-1], threshold))
    return tuple(labels), tuple(thresholds)
