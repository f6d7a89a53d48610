"""Which words of a long list can come near to being shown. The others need not be scored, and change nothing.

Of a word's logit three things are known before it is worked out: its likeness to the region, that its
background holds at least the COCO names that have nothing to do with it, and what it may borrow. They bound
it from above.

Legend: C words, R regions, O COCO's names, P sets of COCO's names, D sentence embedding.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.prepared_words import WORDS_AT_ONCE, PreparedWords

ROUNDING = 1e-4
"""Of the sum over all known names, more than float32 loses when near names are taken off it."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What bounds the logits of words for the regions of a frame."""

    unit_DR: Floats
    """Times the sharpness, so that its product with a word is a logit."""
    least_share: float
    greatest_share: float
    """Between these lies what counts of that product."""
    background_PR: Floats
    """The logarithm of what a word is held against, at least."""
    lent_OR: Floats
    """COCO's own logits."""

    def words(self, words: PreparedWords, least_R: Floats) -> NDArray[np.int64]:
        """Those whose logit and preference may add up to `least_R` for any region, in order."""
        starts = range(0, len(words), WORDS_AT_ONCE)
        found = [self._of_block(words, slice(i, i + WORDS_AT_ONCE), least_R) + i for i in starts]
        return np.concatenate(found)

    def _of_block(self, words: PreparedWords, block: slice, least_R: Floats) -> NDArray[np.int64]:
        likely_CR = words.rows_CD[block] @ self.unit_DR
        # which share is the higher depends on the sign
        likely_CR = np.maximum(self.greatest_share * likely_CR, self.least_share * likely_CR)
        likely_CR -= self.background_PR[words.strange_C[block]]
        cost_C = words.coco.least_costs(block)
        (borrows,) = np.isfinite(cost_C).nonzero()
        lent_BR = self.lent_OR[words.coco.nearest_O_C[block][borrows]] - cost_C[borrows, None]
        likely_CR[borrows] = np.maximum(likely_CR[borrows], lent_BR)
        likely_CR += words.coco.preference_C[block, None]
        return np.asarray((likely_CR >= least_R).any(1).nonzero()[0], np.int64)


def least_background(
    values_OR: Floats, total_R: Floats, words: PreparedWords, *, least_rest: float
) -> Floats:
    """(P, R) logarithm of the least that may be left of the known names beside those near to a word.

    values_OR: of COCO's names. total_R: over all known names. least_rest: the share that always stays.
    """
    strange_PR = words.strange_PO.astype(np.float32) @ values_OR - np.float32(ROUNDING) * total_R
    return np.asarray(np.log(np.maximum(strange_PR, np.float32(least_rest) * total_R)), np.float32)


def in_blocks(words: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """So many at once that their tables stay small."""
    for start in range(0, len(words), WORDS_AT_ONCE):
        yield words[start : start + WORDS_AT_ONCE]
