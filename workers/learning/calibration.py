"""From margins to odds: how far a margin is to be believed, by examples that were held out.

odds = exp(slope x margin + offset). Two numbers for all entries, those that make the held-out labels
likeliest, with what is ordinary counted as it is met: far more often than what one looks for.

Legend: N looks, E entries.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

ORDINARY_WEIGHT = 10.0
"""How much more often than all examples together ordinary regions are met."""
SLOPES = np.geomspace(0.02, 2.0, 41)
OFFSETS = np.linspace(-16.0, 6.0, 45)
ORDINARY_TAKEN_FOR_IT = 0.001
"""Share of the ordinary regions that may be at `TAKEN_FOR_IT` or above where one label is learnt alone."""
TAKEN_FOR_IT = -1.0
"""Logarithm of odds; a little less and nothing is shown at pocket's default threshold."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """From a margin to the logarithm of odds."""

    slope: float
    offset: float


USUAL = Calibration(slope=0.3, offset=-3.0)
"""For a single example, which cannot be held out: about what dozens of examples of ten breeds gave."""


def calibrated(held_out_NE: Floats, truth_N: NDArray[np.int64], ordinary_NE: Floats) -> Calibration:
    """Return the likeliest calibration.

    held_out: margins of examples that had no part in the discriminants; truth: their entries.
    ordinary: margins of ordinary looks that had none either.
    """
    losses = [
        (_loss(held_out_NE, truth_N, slope, offset) + ORDINARY_WEIGHT * _ordinary(ordinary_NE, slope, offset))
        for slope in SLOPES
        for offset in OFFSETS
    ]
    slope, offset = divmod(int(np.argmin(losses)), len(OFFSETS))
    likeliest = Calibration(slope=float(SLOPES[slope]), offset=float(OFFSETS[offset]))
    return likeliest if held_out_NE.shape[1] > 1 else _seldom(likeliest, ordinary_NE)


def _seldom(calibration: Calibration, ordinary_NE: Floats) -> Calibration:
    """The same, lowered until what is ordinary is hardly ever taken for what was learnt.

    A few pictures of one thing say little of what it is not, and a search asks all that was ever seen.
    """
    nearly_highest = float(np.quantile(ordinary_NE, 1 - ORDINARY_TAKEN_FOR_IT))
    offset = min(calibration.offset, TAKEN_FOR_IT - calibration.slope * nearly_highest)
    return Calibration(slope=calibration.slope, offset=offset)


def _loss(margins_NE: Floats, truth_N: NDArray[np.int64], slope: float, offset: float) -> float:
    """Mean of -log p of what each example is."""
    logit_NE = slope * margins_NE + offset
    whole_N = np.logaddexp(0, _log_sum(logit_NE))
    own_N = np.take_along_axis(logit_NE, truth_N[:, None], axis=1)[:, 0]
    return float((whole_N - own_N).mean())


def _ordinary(margins_NE: Floats, slope: float, offset: float) -> float:
    return float(np.logaddexp(0, _log_sum(slope * margins_NE + offset)).mean())


def _log_sum(logit_NE: Floats) -> Floats:
    peak_N = logit_NE.max(axis=1)
    return np.asarray(peak_N + np.log(np.exp(logit_NE - peak_N[:, None]).sum(axis=1)), np.float32)
