"""Which labels are taken for which, by examples that were held out.

Legend: E entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from api_client.errors import SettingsError

FEWEST_TO_JUDGE = 5
"""Held-out examples of a label under which nothing is said of it."""
HARDLY_BETTER_THAN_GUESSING = 0.6
EASILY_MISTAKEN = 0.8


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Counts of held-out examples."""

    labels: tuple[str, ...]
    counts_EE: NDArray[np.int64]
    """Rows: what they are. Columns: what was said, were it one of the labels."""
    found_E: NDArray[np.int64]
    """How many of each were what they are with more than even odds against all else, ordinary things too."""

    @property
    def right(self) -> float:
        """Share of the examples of which the right label was said."""
        return float(np.trace(self.counts_EE) / max(1, self.counts_EE.sum()))

    def pairs(self, *, below: float) -> Iterator[tuple[str, str, float]]:
        """Yield labels that are told apart in less than this share of their examples, worst first.

        Only examples of which one of the two was said count.
        """
        shares = [(self._told_apart(a, b), a, b) for a, b in combinations(range(len(self.labels)), 2)]
        for share, a, b in sorted(shares):
            if share < below and self.counts_EE[[a, b]].sum(axis=1).min() >= FEWEST_TO_JUDGE:
                yield self.labels[a], self.labels[b], share

    def _told_apart(self, a: int, b: int) -> float:
        counts = self.counts_EE[np.ix_([a, b], [a, b])]
        said = counts.sum(axis=1)
        return float((np.diag(counts) / np.maximum(said, 1)).mean()) if said.min() else 1.0


def check_told_apart(confusion: Confusion) -> None:
    """Raise `SettingsError` where two labels are told apart hardly better than by guessing."""
    for one, other, share in confusion.pairs(below=HARDLY_BETTER_THAN_GUESSING):
        raise SettingsError(
            f"{one!r} and {other!r} cannot be told apart by these pictures: {share:.0%} of those held out "
            "were told right, and guessing gives 50%: show more or cleaner pictures, or learn both as one"
        )
