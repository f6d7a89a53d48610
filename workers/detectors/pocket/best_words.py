"""Which words fit each region best, found block by block.

Legend: R regions, C words of a block, W words a region shows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.known_names import Floats


@dataclass(frozen=True)
class BestWords:
    """The words that fit each region best so far, best first."""

    rank_WR: Floats
    logit_WR: Floats
    label_WR: NDArray[np.int64]

    @classmethod
    def none(cls, regions: int) -> "BestWords":
        """Before the first block."""
        empty = np.zeros((0, regions), np.float32)
        return cls(empty, empty, np.zeros((0, regions), np.int64))

    def with_block(
        self, logit_CR: Floats, preference_C: Floats, block: NDArray[np.int64], most: int
    ) -> "BestWords":
        """Together with the words of a block."""
        rank_CR = logit_CR + preference_C[:, None]
        top_WR = _top(rank_CR, most)
        rank = np.concatenate((self.rank_WR, np.take_along_axis(rank_CR, top_WR, 0)))
        logit = np.concatenate((self.logit_WR, np.take_along_axis(logit_CR, top_WR, 0)))
        label = np.concatenate((self.label_WR, block[top_WR]))
        chosen = _top(rank, most)
        return BestWords(*(np.take_along_axis(part, chosen, 0) for part in (rank, logit, label)))


def _top(rank_CR: Floats, most: int) -> NDArray[np.int64]:
    """(W, R) indices of the highest, highest first."""
    if most == 1:
        return np.asarray(rank_CR.argmax(0)[None], np.int64)
    order: NDArray[np.int64] = np.argsort(-rank_CR, axis=0, kind="stable")
    return order[:most]
