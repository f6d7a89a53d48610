"""From RGB to luma and chroma in whole numbers: the same on every processor."""

from dataclasses import dataclass
from typing import Self

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
_HALF = 1 << _SCALE_BITS - 1
_NEUTRAL = 128
"""Chroma of grey."""


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

    def yuv(self, rgb: tuple[int, int, int]) -> tuple[int, int, int]:
        """Return luma and the two chroma values of a colour."""
        return (
            _combined(rgb, self.luma_by_rgb, self.black),
            _combined(rgb, self.u_by_rgb, _NEUTRAL),
            _combined(rgb, self.v_by_rgb, _NEUTRAL),
        )


def _scaled(weights: tuple[float, float, float], span: float) -> tuple[int, int, int]:
    red, green, blue = (round(weight * span * (1 << _SCALE_BITS)) for weight in weights)
    return red, green, blue


def _combined(rgb: tuple[int, int, int], weights: tuple[int, int, int], offset: int) -> int:
    """Return the weighted sum, rounded to the nearest."""
    total = sum(value * weight for value, weight in zip(rgb, weights, strict=True))
    return min(max((total + (offset << _SCALE_BITS) + _HALF) >> _SCALE_BITS, 0), 255)
