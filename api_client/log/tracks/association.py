"""Which detection continues which track. Shapes: T tracks, N detections, K pairs."""

import numpy as np
from numpy.typing import NDArray

from api_client.log.tracks.motion import Floats

Indices = NDArray[np.intp]


def overlaps(boxes_T4: Floats, boxes_N4: Floats) -> Floats:
    """(T, N) intersection over union of boxes (x_min, y_min, x_max, y_max); 0 where both are empty."""
    corner = np.maximum(boxes_T4[:, None, :2], boxes_N4[None, :, :2])
    size = np.minimum(boxes_T4[:, None, 2:], boxes_N4[None, :, 2:]) - corner
    np.maximum(size, 0, out=size)
    common = size[..., 0] * size[..., 1]
    union = _areas(boxes_T4)[:, None] + _areas(boxes_N4)[None] - common
    return np.asarray(common / np.maximum(union, 1e-9))


def enlarged(boxes_N4: Floats, share: float) -> Floats:
    """Grow boxes on each side by a share of that side's length."""
    grown = (boxes_N4[:, 2:] - boxes_N4[:, :2]) * share
    return np.concatenate([boxes_N4[:, :2] - grown, boxes_N4[:, 2:] + grown], axis=1)


def matched(similarity_TN: Floats, *, at_least: float) -> tuple[Indices, Indices]:
    """Pair rows and columns so that the sum of the pairs' similarity is highest; (K,) rows, (K,) columns.

    Nothing below `at_least` is paired, and to leave two alone costs as much as a pair just there.
    """
    from scipy.optimize import linear_sum_assignment  # deferred: half a second that few processes need

    rows, columns = linear_sum_assignment(np.maximum(similarity_TN, at_least), maximize=True)
    good = similarity_TN[rows, columns] >= at_least
    return rows[good], columns[good]


def _areas(boxes_N4: Floats) -> Floats:
    size = boxes_N4[:, 2:] - boxes_N4[:, :2]
    return np.asarray(size[:, 0] * size[:, 1])
