"""How a vocabulary's words stand to COCO's names, which boxes taught: as kinds, other spellings, neighbours.

Legend: C words, K ImageNet's names, O COCO's names.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.known_names import SAME_SPELLING, Floats

TAUGHT = 0.7
"""Cosine to what boxes were called in training from which a word counts as taught itself."""
UNTAUGHT = 0.45
"""Cosine under which it counts as not taught at all; in between it is judged in both ways."""
BORROWS_FROM = 0.5
"""Cosine from which a word may borrow from the nearest COCO name."""
BORROWING_COST = 1.5
"""What it then loses of its logit for each unit of cosine between them."""
FEWEST_KINDS = 5
"""Of fewer kinds (a person is a groom, a diver or a ballplayer) most things are none."""
PREFERENCE = 2.0
"""How much the likeness to a COCO name speaks for a word where several fit one region."""
NEIGHBOURS_LIKENESS = 0.2
"""What counts as it for another thing that ImageNet knows: a measuring cup comes after a coffee mug."""
KINDS_LIKENESS = 0.5
"""What counts as it for every kind of a COCO name: "German shepherd dog" is no more a dog than "pug"."""
NEAREST_KIND = 0.02
"""Times its likeness to that name, added: of kinds as sure, "water bottle" before "hot-water bottle"."""


@dataclass(frozen=True, kw_only=True)
class CocoRelations:
    """What each word is to the COCO name nearest to it."""

    novelty_C: Floats
    """0 for words that boxes taught, 1 for others, between them in between."""
    nearest_O_C: NDArray[np.int64]
    """The nearest COCO name of each word."""
    borrowing_cost_C: Floats
    """Taken off the nearest COCO name's logit; infinite where it is too far to borrow from."""
    is_kind_C: NDArray[np.bool_]
    """Words that are kinds of the nearest COCO name, as breeds of a dog: ImageNet tells them apart."""
    is_lent_C: NDArray[np.bool_]
    """Words that boxes taught, kinds or other spellings of a COCO name, which lends them its logit."""
    told_apart_C: NDArray[np.bool_]
    """Words that stand for other names of ImageNet's than the COCO name: the share of these decides."""
    preference_C: Floats
    """Added to the logit where words of one region are compared."""

    @classmethod
    def of(
        cls,
        group_CK: NDArray[np.bool_],
        coco_OK: NDArray[np.bool_],
        spelt_CO: Floats,
        likeness_C: Floats,
    ) -> "CocoRelations":
        """By the names of ImageNet's that words and COCO's names stand for, and by cosines.

        spelt_CO: to the best of each COCO name's spellings. likeness_C: to the nearest COCO name as it is.
        """
        within_C, parent_C = _kinds(group_CK, coco_OK, spelt_CO)
        taught_C, nearest_C = spelt_CO.max(1), spelt_CO.argmax(1)
        is_kind_C = within_C & ((taught_C < TAUGHT) | ((taught_C < SAME_SPELLING) & (parent_C != nearest_C)))
        is_spelling_C = taught_C >= SAME_SPELLING
        is_near_C = (taught_C >= TAUGHT) & ~is_spelling_C
        # what is near and stands for the same names of ImageNet's means the same: "bottle (for drinks)"
        means_same_C = group_CK.any(1) & (group_CK == coco_OK[nearest_C]).all(1)
        told_apart_C = group_CK.any(1) & ~means_same_C
        within_C |= is_near_C & means_same_C
        is_lent_C = ~is_kind_C & np.where(is_spelling_C, likeness_C < SAME_SPELLING, is_near_C & within_C)
        preferred_C = np.where(is_near_C & told_apart_C, NEIGHBOURS_LIKENESS, likeness_C)
        of_kinds_C = is_kind_C | (is_lent_C & within_C)
        preferred_C[of_kinds_C] = KINDS_LIKENESS + NEAREST_KIND * taught_C[of_kinds_C]
        return cls(
            novelty_C=_novelty(np.where(is_kind_C, 0, taught_C)),
            nearest_O_C=np.where(is_kind_C, parent_C, nearest_C),
            is_kind_C=is_kind_C,
            is_lent_C=is_lent_C,
            told_apart_C=told_apart_C,
            borrowing_cost_C=_borrowing_cost(taught_C),
            preference_C=np.asarray(PREFERENCE * preferred_C, np.float32),
        )

    def lent(self, block: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of those words in a block that are lent the nearest COCO name's logit."""
        return self.is_lent_C[block].nonzero()[0]

    def least_costs(self, block: slice) -> Floats:
        """(block,) what at least is taken off the nearest COCO name's logit, if its own is not higher."""
        is_whole_C = self.is_kind_C[block] | self.is_lent_C[block]
        return np.where(is_whole_C, np.float32(0), self.borrowing_cost_C[block])


def _novelty(taught_C: Floats) -> Floats:
    return ((TAUGHT - taught_C) / (TAUGHT - UNTAUGHT)).clip(0, 1).astype(np.float32)


def _borrowing_cost(taught_C: Floats) -> Floats:
    cost_C = np.where(taught_C >= BORROWS_FROM, BORROWING_COST * (1 - taught_C), np.inf)
    return cost_C.astype(np.float32)


def _kinds(
    group_CK: NDArray[np.bool_], coco_OK: NDArray[np.bool_], spelt_CO: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """(C,) which words are kinds of a COCO name, (C,) and of which: all they name it names, and more.

    Of a name with few kinds only those are that sentences bring near to it too: a groom is no kind of person.
    """
    shared_CO = group_CK.astype(np.float32) @ coco_OK.T.astype(np.float32)
    size_C1 = group_CK.sum(1)[:, None]
    told_apart_CO = (coco_OK.sum(1) >= FEWEST_KINDS) | (spelt_CO >= BORROWS_FROM)
    within_CO = (size_C1 > 0) & (shared_CO == size_C1) & (coco_OK.sum(1) > size_C1) & told_apart_CO
    return within_CO.any(1), within_CO.argmax(1)
