"""Where a track is expected next: a Kalman filter of constant velocity for all tracks at once.

The state is that of SORT and ByteTrack: centre, aspect ratio, height (x, y, a, h), and their velocities per
step. Its noise keeps the four apart, so that the 8x8 covariance of a track is four 2x2 blocks, here three
numbers each. Shapes: T tracks, N detections.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_POSITION, _VELOCITY = 1 / 20, 1 / 40
"""Standard deviations as shares of the height. DeepSORT (Wojke et al. 2017) has 1 / 160 for the speed, which
suits people who walk: players and balls turn sooner (docs/tracks.md)."""
_RATIO, _RATIO_VELOCITY, _RATIO_MEASURED = 1e-2, 1e-5, 1e-1
_RATIO_AXIS = 2
_OF_HEIGHT = np.array([1.0, 1.0, 0.0, 1.0])
_OF_RATIO = np.array([0.0, 0.0, 1.0, 0.0])


class Motion:
    """Mutable: the filter's state of T tracks."""

    def __init__(self, state_5T4: Floats) -> None:
        """Place (x, y, a, h), speed, variance of the place, covariance of both, variance of the speed."""
        self._state_5T4 = state_5T4

    @classmethod
    def at(cls, boxes_N4: Floats) -> Self:
        """Start at rest at these boxes (x_min, y_min, x_max, y_max)."""
        place = xyah(boxes_N4)
        height = place[:, 3]
        state = np.zeros((5, *place.shape))
        state[0] = place
        state[2] = _spread(height, 2 * _POSITION, _RATIO)
        state[4] = _spread(height, 10 * _VELOCITY, _RATIO_VELOCITY)
        return cls(state)

    def predict(self, steps: int) -> None:
        """Move on by a number of steps."""
        place, speed, variance, covariance, speed_variance = self._state_5T4
        height = place[:, 3].copy()
        place += steps * speed
        variance += steps * (2 * covariance + steps * speed_variance + _spread(height, _POSITION, _RATIO))
        covariance += steps * speed_variance
        speed_variance += steps * _spread(height, _VELOCITY, _RATIO_VELOCITY)
        np.maximum(place[:, _RATIO_AXIS:], 1e-3, out=place[:, _RATIO_AXIS:])

    def correct(self, rows: NDArray[np.intp], boxes_N4: Floats) -> None:
        """Take in what was seen of some tracks. rows: (N,), which ones."""
        part = self._state_5T4[:, rows]
        place, speed, variance, covariance, speed_variance = part
        known = variance + _spread(place[:, 3], _POSITION, _RATIO_MEASURED)
        gain, speed_gain = variance / known, covariance / known
        surprise = xyah(boxes_N4) - place
        place += gain * surprise
        speed += speed_gain * surprise
        speed_variance -= speed_gain * covariance
        rest = 1 - gain
        covariance *= rest
        variance *= rest
        self._state_5T4[:, rows] = part

    def boxes(self) -> Floats:
        """(T, 4): x_min, y_min, x_max, y_max."""
        place = self._state_5T4[0]
        half = place[:, 2:] * 0.5
        half[:, 0] *= place[:, 3]
        return np.concatenate([place[:, :2] - half, place[:, :2] + half], axis=1)

    def kept(self, rows: NDArray[np.bool_]) -> "Motion":
        """Only some tracks. rows: (T,)."""
        return Motion(self._state_5T4[:, rows])

    def joined(self, other: "Motion") -> "Motion":
        """These tracks, then those."""
        return Motion(np.concatenate([self._state_5T4, other._state_5T4], axis=1))


def xyah(boxes_N4: Floats) -> Floats:
    """(N, 4) corners to centre, aspect ratio and height; a box without height has that of 1e-3 pixels."""
    place = np.empty_like(boxes_N4)
    place[:, :2] = (boxes_N4[:, :2] + boxes_N4[:, 2:]) * 0.5
    size = np.maximum(boxes_N4[:, 2:] - boxes_N4[:, :2], 1e-3)
    place[:, 2] = size[:, 0] / size[:, 1]
    place[:, 3] = size[:, 1]
    return place


def _spread(height_T: Floats, share: float, ratio_deviation: float) -> Floats:
    """(T, 4) variances: of a share of the height for x, y and h, a constant for the aspect ratio."""
    of_height = (height_T * height_T)[:, None] * (_OF_HEIGHT * share**2)
    return np.asarray(of_height + _OF_RATIO * ratio_deviation**2)
