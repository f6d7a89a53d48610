"""Labels that were learnt from example pictures instead of being embedded as text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vocabularies.errors import VocabularyError

_SHA256 = re.compile(r"[0-9a-f]{64}")
SUFFIX = ".vocab"
"""Of a file that `client learn` wrote."""


@dataclass(frozen=True, kw_only=True)
class LearntLabels:
    """The labels of a vocabulary that a `.vocab` file tells. What was learnt lies in the store."""

    labels: tuple[str, ...]
    """The last of the vocabulary's."""
    sha256: str
    """Of the file: what is stored under it are its bytes."""
    detector: str
    """What was learnt can be compared with this detector's regions alone."""
    weights_digest: str
    """Of that detector's weights."""

    def __post_init__(self) -> None:
        for digest in (self.sha256, self.weights_digest):
            if not _SHA256.fullmatch(digest):
                raise VocabularyError(f"{digest[:80]!r} is no sha256: the vocabulary is damaged")
        if not self.labels:
            raise VocabularyError("a learnt vocabulary has no label: it is damaged")


def one_learnt(found: Sequence[LearntLabels | None]) -> LearntLabels | None:
    """Return the one there is, or None. Raises `VocabularyError` where there are two."""
    different = list(dict.fromkeys(one for one in found if one is not None))
    if len(different) > 1:
        one, other = (learnt.labels[0] for learnt in different[:2])
        raise VocabularyError(
            f"{one!r} and {other!r} were learnt apart, and cannot be told from each other: "
            "learn both in one `client learn`"
        )
    return different[0] if different else None
