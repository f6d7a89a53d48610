"""Linear discriminants of a few examples against everything ordinary (Fisher 1936), in closed form.

A few dozen examples say little of how 512 numbers vary together. Ordinary regions say it well enough: their
covariance counts as much as `ORDINARY_COUNTS_AS` examples.

Legend: N looks, E entries, G numbers compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

ORDINARY_COUNTS_AS = 300
"""Examples."""
RIDGE = 0.1
"""Of the mean eigenvalue, added to all: no direction is believed to be without noise."""


@dataclass(frozen=True, kw_only=True)
class Discriminant:
    """A margin for each entry: about the logarithm of its odds against an ordinary region."""

    weights_EG: Floats
    bias_E: Floats

    def margins(self, looks_NG: Floats) -> Floats:
        """(N, E)."""
        return np.asarray(looks_NG @ self.weights_EG.T + self.bias_E, np.float32)


def discriminant(examples: Sequence[Floats], ordinary_NG: Floats) -> Discriminant:
    """Return the discriminants of entries, each given by one look or more, against ordinary looks."""
    mean_EG = np.stack([looks.mean(axis=0, dtype=np.float64) for looks in examples])
    within_NG = np.concatenate([looks - mean for looks, mean in zip(examples, mean_EG, strict=True)])
    middle_G, covariance_GG = _ordinary(ordinary_NG)
    shared_GG = (within_NG.T @ within_NG + ORDINARY_COUNTS_AS * covariance_GG) / (
        len(within_NG) + ORDINARY_COUNTS_AS
    )
    shared_GG += RIDGE * np.trace(shared_GG) / len(shared_GG) * np.eye(len(shared_GG))
    apart_EG = mean_EG - middle_G
    weights_EG = np.linalg.solve(shared_GG, apart_EG.T).T
    bias_E = -(weights_EG * (mean_EG + middle_G)).sum(axis=1) / 2
    return Discriminant(weights_EG=weights_EG.astype(np.float32), bias_E=bias_E.astype(np.float32))


def _ordinary(looks_NG: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    looks = looks_NG.astype(np.float64)
    return looks.mean(axis=0), np.cov(looks.T, bias=True)
