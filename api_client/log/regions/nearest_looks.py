"""Which look tells what a region is: that of its thing which was taken nearest in time."""

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions.index_file import RegionIndex

NO_LOOK = -1


def nearest_looks(index: RegionIndex) -> NDArray[np.int64]:
    """(R,) row of `index.looks` for every region; `NO_LOOK` where its thing has none.

    Of two as near the earlier one.
    """
    rows_R = np.arange(len(index.thing_R))
    (looked,) = np.nonzero(index.look_of_R >= 0)
    if not len(looked):
        return np.full(len(rows_R), NO_LOOK, np.int64)
    after_R = np.searchsorted(looked, rows_R)
    candidates = [looked[(after_R - back).clip(0, len(looked) - 1)] for back in (1, 0)]
    before, after = (_distance(index, candidate) for candidate in candidates)
    nearest = np.where(before <= after, candidates[0], candidates[1])
    found_R = np.minimum(before, after) < _FAR
    return np.where(found_R, index.look_of_R[nearest], NO_LOOK)


_FAR = np.iinfo(np.int64).max


def _distance(index: RegionIndex, candidate_R: NDArray[np.int64]) -> NDArray[np.int64]:
    same_R = index.thing_R[candidate_R] == index.thing_R
    return np.where(same_R, np.abs(index.pts_R[candidate_R] - index.pts_R), _FAR)
