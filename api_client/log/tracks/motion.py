"""Where a track is expected next: a Kalman filter of constant velocity for all tracks at once.

The state is that of SORT and ByteTrack: centre, aspect ratio, height (x, y, a, h), and their velocities per
step. Its noise keeps the four apart, so that the 8x8 covariance of a track is four 2x2 blocks, here three
numbers each. Shapes: T tracks, N detections.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_POSITION, _VELOCITY = 1 / 20, 1 / 160
"""Standard deviations as shares of the height, as in DeepSORT (Wojke et al. 2017)."""
_RATIO, _RATIO_VELOCITY, _RATIO_MEASURED = 1e-2, 1e-5, 1e-1
_RATIO_AXIS = 2


@dataclass
class Motion:
    """Mutable: the filter's state of T tracks."""

    place_T4: Floats
    """x, y, a, h: pixels, and width over height."""
    speed_T4: Floats
    """The same per step."""
    variance_T4: Floats
    """Of the place."""
    covariance_T4: Floats
    """Of place and speed."""
    speed_variance_T4: Floats

    @classmethod
    def at(cls, boxes_N4: Floats) -> Self:
        """Start at rest at these boxes (x_min, y_min, x_max, y_max)."""
        place = xyah(boxes_N4)
        height = place[:, 3]
        return cls(
            place_T4=place,
            speed_T4=np.zeros_like(place),
            variance_T4=_spread(2 * _POSITION * height, _RATIO),
            covariance_T4=np.zeros_like(place),
            speed_variance_T4=_spread(10 * _VELOCITY * height, _RATIO_VELOCITY),
        )

    def predict(self, steps: int) -> None:
        """Move on by a number of steps."""
        height = self.place_T4[:, 3]
        self.place_T4 += steps * self.speed_T4
        self.variance_T4 += steps * (2 * self.covariance_T4 + steps * self.speed_variance_T4)
        self.variance_T4 += steps * _spread(_POSITION * height, _RATIO)
        self.covariance_T4 += steps * self.speed_variance_T4
        self.speed_variance_T4 += steps * _spread(_VELOCITY * height, _RATIO_VELOCITY)
        np.maximum(self.place_T4[:, _RATIO_AXIS:], 1e-3, out=self.place_T4[:, _RATIO_AXIS:])

    def correct(self, rows: NDArray[np.intp], boxes_N4: Floats) -> None:
        """Take in what was seen of some tracks. rows: (N,), which ones."""
        variance, covariance = self.variance_T4[rows], self.covariance_T4[rows]
        noise = _spread(_POSITION * self.place_T4[rows, 3], _RATIO_MEASURED)
        gain = variance / (variance + noise)
        speed_gain = covariance / (variance + noise)
        surprise = xyah(boxes_N4) - self.place_T4[rows]
        self.place_T4[rows] += gain * surprise
        self.speed_T4[rows] += speed_gain * surprise
        self.speed_variance_T4[rows] -= speed_gain * covariance
        self.covariance_T4[rows] = covariance * (1 - gain)
        self.variance_T4[rows] = variance * (1 - gain)

    def boxes(self) -> Floats:
        """(T, 4): x_min, y_min, x_max, y_max."""
        half = self.place_T4[:, 2:] * 0.5
        half[:, 0] *= self.place_T4[:, 3]
        return np.concatenate([self.place_T4[:, :2] - half, self.place_T4[:, :2] + half], axis=1)

    def kept(self, rows: NDArray[np.bool_]) -> "Motion":
        """Only some tracks. rows: (T,)."""
        return Motion(*(values[rows] for values in vars(self).values()))

    def joined(self, other: "Motion") -> "Motion":
        """These tracks, then those."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Motion(*(np.concatenate(pair) for pair in pairs))


def xyah(boxes_N4: Floats) -> Floats:
    """(N, 4) corners to centre, aspect ratio and height; a box without height has that of 1e-3 pixels."""
    place = np.empty_like(boxes_N4)
    place[:, :2] = (boxes_N4[:, :2] + boxes_N4[:, 2:]) * 0.5
    size = np.maximum(boxes_N4[:, 2:] - boxes_N4[:, :2], 1e-3)
    place[:, 2] = size[:, 0] / size[:, 1]
    place[:, 3] = size[:, 1]
    return place


def _spread(deviation_T: Floats, ratio_deviation: float) -> Floats:
    """(T, 4) variances: of the height's share for x, y and h, a constant for the aspect ratio."""
    variance = np.empty((len(deviation_T), 4))
    variance[:] = (deviation_T * deviation_T)[:, None]
    variance[:, _RATIO_AXIS] = ratio_deviation**2
    return variance
