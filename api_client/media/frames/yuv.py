"""From RGB to luma and chroma in whole numbers: the same on every processor."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

_WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
}
"""Of red and blue in luma, by ITU-T H.273 matrix coefficients (table 4)."""
BT601 = 6
_SCALE_BITS = 16

_Plane = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class YuvEquation:
    """How luma and chroma follow from red, green and blue, each 0 to 255 (ITU-T H.273, 8.3)."""

    luma_by_rgb: tuple[int, int, int]
    """Times 2^16."""
    u_by_rgb: tuple[int, int, int]
    v_by_rgb: tuple[int, int, int]
    black: int
    """Luma of black."""

    @classmethod
    def of(cls, matrix: int, *, is_full_range: bool) -> Self:
        """matrix: by H.273; what is unknown counts as BT.601."""
        red, blue = _WEIGHTS.get(matrix, _WEIGHTS[BT601])
        green = 1 - red - blue
        luma_span, chroma_span = (1.0, 1.0) if is_full_range else (219 / 255, 224 / 255)
        u = (-red / (1 - blue) / 2, -green / (1 - blue) / 2, 1 / 2)
        v = (1 / 2, -green / (1 - red) / 2, -blue / (1 - red) / 2)
        return cls(
            luma_by_rgb=_scaled((red, green, blue), luma_span),
            u_by_rgb=_scaled(u, chroma_span),
            v_by_rgb=_scaled(v, chroma_span),
            black=0 if is_full_range else 16,
        )

    def luma(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """rgb: (…, 3)."""
        return _combined(_channels(rgb), self.luma_by_rgb, self.black, bits=_SCALE_BITS)

    def chroma(self, rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return U and V of the mean of every two by two pixels. rgb: (N, H, W, 3), sides even."""
        rows = rgb[:, ::2].astype(np.uint16) + rgb[:, 1::2]
        sums = _channels(rows[:, :, ::2] + rows[:, :, 1::2])
        bits = _SCALE_BITS + 2
        return _combined(sums, self.u_by_rgb, 128, bits=bits), _combined(sums, self.v_by_rgb, 128, bits=bits)


def _scaled(weights: tuple[float, float, float], span: float) -> tuple[int, int, int]:
    red, green, blue = (round(weight * span * (1 << _SCALE_BITS)) for weight in weights)
    return red, green, blue


def _channels(rgb: NDArray[np.uint8] | NDArray[np.uint16]) -> tuple[_Plane, _Plane, _Plane]:
    red, green, blue = np.moveaxis(rgb, -1, 0).astype(np.int32)
    return red, green, blue


def _combined(
    channels: tuple[_Plane, _Plane, _Plane], weights: tuple[int, int, int], offset: int, *, bits: int
) -> NDArray[np.uint8]:
    """Return the weighted sum of channels in units of 2^bits, rounded to the nearest."""
    total = channels[0] * np.int32(weights[0])
    total += channels[1] * np.int32(weights[1])
    total += channels[2] * np.int32(weights[2])
    total += np.int32((offset << bits) + (1 << bits >> 1))
    total >>= bits
    return np.asarray(np.clip(total, 0, 255), np.uint8)
