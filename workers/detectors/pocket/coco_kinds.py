"""ImageNet's names as kinds of COCO's: from which share of its posterior a kind is as sure as the name.

Legend: R regions, K ImageNet's names, O COCO's names, P some of them, T kept ImageNet names of a region.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.coco_relations import FEWEST_KINDS
from workers.detectors.pocket.known_names import Floats

KIND_SHARE = 0.001
"""Added to what ImageNet gives a kind of a taught thing, so that none is impossible."""
LIKELIEST_KIND_SHARE = 0.02
"""Added to what it gives the likeliest of many: where it sees none of them, it cannot tell them apart."""


@dataclass(frozen=True)
class Kinds:
    """ImageNet's names as kinds of COCO's."""

    share_KO: Floats
    """How far each of them is one, 0 to 1."""
    added_O: Floats
    """Added to what ImageNet gives the likeliest of them."""

    @classmethod
    def of(cls, group_OK: NDArray[np.bool_], translation_KO: Floats) -> "Kinds":
        """Of few kinds the likeliest is as sure as the name, however little ImageNet sees of it.

        It names one thing of a region: a bowl of soup is the soup.
        """
        few_O = group_OK.sum(1) < FEWEST_KINDS
        return cls(
            share_KO=np.where(few_O, group_OK.T, translation_KO).astype(np.float32),
            added_O=np.where(few_O, KIND_SHARE, LIKELIEST_KIND_SHARE).astype(np.float32),
        )

    def some(self, names_P: NDArray[np.int64]) -> "Kinds":
        """Of those names alone."""
        return Kinds(np.ascontiguousarray(self.share_KO[:, names_P]), self.added_O[names_P])

    def likeliest(self, names_RT: NDArray[np.int64], shares_RT: Floats) -> Floats:
        """(O, R) the share from which a kind is as sure as the name, of regions' kept ImageNet names."""
        shares_RTO = self.share_KO[names_RT] * shares_RT[..., None]
        return np.asarray(shares_RTO.max(1, initial=0).T + self.added_O[:, None], np.float32)
