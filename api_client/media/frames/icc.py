"""Pictures in other colours than sRGB's made ordinary: by their ICC profile, or by a name.

Profiles of three curves and a matrix, which cameras, telephones and screens have, and of one curve for grey
(ICC.1:2022, 8.3.3 and 8.4.3). What lies outside of sRGB becomes the nearest value of each channel.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DISPLAY_P3, BT2020, ADOBE_RGB = 12, 9, -1
"""By ITU-T H.273, which has no number for the last."""
_BANDS_PX = 1 << 16
"""So many pixels at a time stay in a processor's cache."""
_STEPS = 1 << 16
_LARGEST_DIFFERENCE = 1
"""Of 255, up to which a profile says what sRGB says."""
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_COLUMNS = (b"rXYZ", b"gXYZ", b"bXYZ")
_PARAMETERS = (1, 3, 4, 5, 7)
"""How many a curve has, by its type (10.18)."""
_D50_TO_SRGB = np.linalg.inv(
    np.array(
        [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]],
        dtype=np.float64,
    )
)
"""IEC 61966-2-1, adapted to D50 as ICC profiles are."""
_TO_BT709 = {
    DISPLAY_P3: [[1.22494, -0.22494, 0.0], [-0.04206, 1.04206, 0.0], [-0.01964, -0.07864, 1.09827]],
    BT2020: [[1.66049, -0.58764, -0.07285], [-0.12455, 1.13290, -0.00835], [-0.01815, -0.10058, 1.11873]],
    ADOBE_RGB: [[1.39836, -0.39836, 0.0], [0.0, 1.0, 0.0], [0.0, -0.04293, 1.04293]],
}
"""Light to light; all have the same white (SMPTE EG 432-1, ITU-R BT.2087, Adobe RGB (1998) 4.3.4)."""
_ADOBE_GAMMA = 563 / 256


class ToSrgb:
    """Makes pictures ordinary."""

    def __init__(self, light: Numbers, matrix: Numbers) -> None:
        """`light`: (256, 3), of each value of each channel, 1 is white. `matrix`: to the light of sRGB."""
        self._light = (light * (_STEPS - 1)).astype(np.float32)
        self._has_one_curve = bool((self._light == self._light[:, :1]).all())
        self._matrix = np.ascontiguousarray(matrix.T, dtype=np.float32)
        self._shown = _srgb(np.arange(_STEPS) / (_STEPS - 1))

    def mapped(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W, 3) to (H, W, 3)."""
        done = np.empty_like(rgb, order="C")
        rows = max(_BANDS_PX // rgb.shape[1], 1)
        for top in range(0, len(rgb), rows):
            light = self._light_of(rgb[top : top + rows]) @ self._matrix
            np.clip(light, 0, _STEPS - 1, out=light)
            light += 0.5
            self._shown.take(light.astype(np.uint16), out=done[top : top + rows])
        return done

    def is_needed(self) -> bool:
        """Whether anything changes that could be seen."""
        steps = np.linspace(0, 255, 9).astype(np.uint8)
        cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
        return bool(np.abs(self.mapped(cube) - cube.astype(np.int16)).max() > _LARGEST_DIFFERENCE)

    def _light_of(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self._has_one_curve:
            return self._light[:, 0].take(rgb)
        return np.stack([self._light[:, i].take(rgb[..., i]) for i in range(3)], axis=-1)


@lru_cache(maxsize=8)
def by_profile(profile: bytes) -> ToSrgb | None:
    """What a profile asks for; None where it is sRGB's, damaged, or one of tables: those are not applied."""
    try:
        light, matrix = _understood(profile)
    except (struct.error, ValueError, IndexError, OverflowError):
        return None
    if not (np.isfinite(light).all() and np.isfinite(matrix).all()):
        return None
    made = ToSrgb(np.clip(light, 0, 1), matrix)
    return made if made.is_needed() else None


@lru_cache(maxsize=4)
def by_name(primaries: int) -> ToSrgb | None:
    """The same for colours that have a name; None where they are sRGB's, or unknown.

    A curve is taken for sRGB's, but Adobe's.
    """
    if primaries not in _TO_BT709:
        return None
    values = np.arange(256) / 255
    light = np.asarray(values**_ADOBE_GAMMA) if primaries == ADOBE_RGB else _srgb_light(values)
    return ToSrgb(np.stack([light] * 3, axis=-1), np.array(_TO_BT709[primaries]))


def _understood(profile: bytes) -> tuple[Numbers, Numbers]:
    """(light of each value, matrix to the light of sRGB). Raises where it is another kind."""
    tags = dict(_tags(profile))
    kind, signature = profile[16:24], profile[36:40]
    if signature == b"acsp" and kind == b"GRAY" + b"XYZ " and b"kTRC" in tags:
        return np.stack([_curve(tags[b"kTRC"])] * 3, axis=-1), np.eye(3)
    if signature != b"acsp" or kind != b"RGB XYZ " or not {*_CURVES, *_COLUMNS} <= set(tags):
        raise ValueError("a profile of tables, or none")
    columns = [struct.unpack_from(">3i", tags[name], 8) for name in _COLUMNS]
    light = np.stack([_curve(tags[name]) for name in _CURVES], axis=-1)
    return light, _D50_TO_SRGB @ (np.array(columns, dtype=np.float64).T / 65536)


def _tags(profile: bytes) -> Iterator[tuple[bytes, bytes]]:
    (count,) = struct.unpack_from(">I", profile, 128)
    for at in range(132, min(132 + 12 * count, len(profile) - 11), 12):
        name, start, size = struct.unpack_from(">4sII", profile, at)
        yield name, profile[start : start + size]


def _curve(tag: bytes) -> Numbers:
    """The light of the values 0 to 255 (10.6 and 10.18)."""
    values = np.arange(256) / 255
    if tag[:4] == b"para":
        return _parametric(tag, values)
    if tag[:4] != b"curv":
        raise ValueError("an unknown kind of curve")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return values
    points = np.array(struct.unpack_from(f">{count}H", tag, 12), dtype=np.float64)
    if count == 1:
        return np.asarray(values ** (points[0] / 256))
    return np.interp(values, np.linspace(0, 1, count), points / 65535)


def _parametric(tag: bytes, x: Numbers) -> Numbers:
    (kind,) = struct.unpack_from(">H", tag, 8)
    given = [value / 65536 for value in struct.unpack_from(f">{_PARAMETERS[kind]}i", tag, 12)]
    gamma, a, b, c, d = (given + [0.0] * 5)[:5] if kind else (given[0], 1.0, 0.0, 0.0, 0.0)
    above, below = given[5:] if kind == 4 else (0.0, 0.0)
    with np.errstate(all="ignore"):
        power = np.asarray(np.maximum(a * x + b, 0) ** gamma)
        if kind < 3:  # flat up to where the power begins
            return power + (c if kind == 2 else 0.0)
        return np.where(x >= d, power + above, c * x + below)


def _srgb_light(signal: Numbers) -> Numbers:
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def _srgb(light: Numbers) -> NDArray[np.uint8]:
    signal = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * signal), dtype=np.uint8)
