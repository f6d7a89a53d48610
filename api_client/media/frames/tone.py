"""High dynamic range made ordinary: pictures are looked at, drawn on and encoded as BT.709.

Light above reference white (203 cd/m², ITU-R BT.2408) is rolled off rather than cut off; below six tenths of
it nothing changes but the curve and the primaries.
"""

import numpy as np
from numpy.typing import NDArray

PQ, HLG = 16, 18
"""ITU-T H.273 transfer characteristics."""

_WHITE = 203.0
_KNEE = 0.6
_BRIGHTEST = 10_000 / _WHITE
_STEPS = 4096
_BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
"""ITU-R BT.2087."""


class ToneMapper:
    """Turns RGB of 16 bits with a PQ or HLG curve into RGB of 8 bits with the curve of BT.709."""

    def __init__(self, transfer: int, *, is_wide: bool) -> None:
        """`transfer`: PQ or HLG; `is_wide`: whether the primaries are those of BT.2020."""
        signal = np.arange(_STEPS, dtype=np.float64) / (_STEPS - 1)
        light = _pq_light(signal) if transfer == PQ else _hlg_light(signal)
        self._light = light.astype(np.float32)
        self._matrix = _BT2020_TO_BT709.T if is_wide else np.eye(3, dtype=np.float32)
        roots = np.arange(_STEPS, dtype=np.float64) / (_STEPS - 1)
        self._shown = np.rint(255 * _bt709(_rolled_off(roots**4 * _BRIGHTEST))).astype(np.uint8)

    def mapped(self, rgb: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """(H, W, 3) to (H, W, 3)."""
        light = self._light[rgb >> 4] @ self._matrix
        np.clip(light, 0, _BRIGHTEST, out=light)
        light *= 1 / _BRIGHTEST
        np.sqrt(np.sqrt(light, out=light), out=light)
        light *= _STEPS - 1
        return np.asarray(self._shown[np.rint(light).astype(np.uint16)])


def _pq_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084, in units of reference white."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = signal ** (1 / m2)
    return np.asarray((np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) * _BRIGHTEST)


def _hlg_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """ITU-R BT.2100 on a display of 1000 cd/m², in units of reference white."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return np.asarray(1000 / _WHITE * scene**1.2)


def _rolled_off(light: NDArray[np.float64]) -> NDArray[np.float64]:
    room = 1 - _KNEE
    return np.where(light <= _KNEE, light, _KNEE + room * -np.expm1(-(light - _KNEE) / room))


def _bt709(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """ITU-R BT.709, the curve of a camera."""
    return np.where(light < 0.018, 4.5 * light, 1.099 * np.maximum(light, 0.018) ** 0.45 - 0.099)
