"""Whether an annotated frame shows what the source's frame shows, outside of what was drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api_client.verify import orientation
from api_client.verify.drawn import Mask
from api_client.verify.thumbnail import Luma

LEAST_PSNR_DB = 25.0
"""Encoding costs little of a small grey picture: real footage stays above 35."""
LEAST_PSNR_CHANGED_DB = 22.0
"""Where the source is interlaced, scaled, or in another range of brightness."""
LEAST_TILE_PSNR_DB = 14.0
_TILE_PX = 8
_LEAST_SHARE = 0.2
"""Of the picture that must be left to compare."""
NOISE_MSE = 3.0
"""What encoding alone may cost."""
WORTH_A_SEARCH_MSE = 20.0
"""Beyond this, earlier frames are looked at too."""
CLEARLY = 4.0
_FLAT_DEVIATION = 2.0
_RECOGNISED_DB = 18.0


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How alike two thumbnails are."""

    psnr_db: float
    worst_tile_db: float
    """Of any eighth-pixel square that is mostly left to compare."""


def likeness(source: Luma, annotated: Luma, mask: Mask) -> Likeness:
    """Compare two (H, W) thumbnails where the mask is True."""
    errors = np.where(mask, (source - annotated) ** 2, 0)
    mean = float(errors.sum() / max(int(mask.sum()), 1))
    return Likeness(psnr_db=psnr_db(mean), worst_tile_db=psnr_db(_worst_tile(errors, mask)))


def enough_is_left(mask: Mask) -> bool:
    """Whether so much is undrawn that it tells one picture from another."""
    return bool(mask.mean() >= _LEAST_SHARE)


def mse(source: Luma, annotated: Luma, mask: Mask) -> float:
    """Mean of squared differences where the mask is True."""
    return float(((source - annotated) ** 2)[mask].mean()) if mask.any() else 0.0


def psnr_db(mean_squared_error: float) -> float:
    """At most 60: beyond, nothing is to be told apart."""
    return float(min(60.0, 10 * np.log10(255**2 / max(mean_squared_error, 1e-9))))


def in_the_brightness_of(picture: Luma, reference: Luma) -> Luma:
    """The picture with the reference's distribution of brightness: which pixel is brighter stays."""
    order = np.argsort(picture, axis=None, kind="stable")
    matched = np.empty(picture.size, np.float32)
    matched[order] = np.quantile(reference, np.linspace(0, 1, picture.size)).astype(np.float32)
    return np.asarray(matched.reshape(picture.shape), dtype=np.float32)


def is_flat(picture: Luma, source: Luma, mask: Mask) -> bool:
    """Whether a picture is of one shade where the source is not, outside of what was drawn."""
    if not mask.any():
        return False
    return bool(picture[mask].std() < _FLAT_DEVIATION and source[mask].std() > 2 * _FLAT_DEVIATION)


def what_is_wrong(source: Luma, annotated: Luma, limit_db: float) -> str:
    """Name the way in which two whole pictures differ, if it is a known one."""
    everywhere = np.ones(annotated.shape, dtype=np.bool_)
    found = [
        (mse(_resampled(orientation.turned(source, turn), annotated.shape), annotated, everywhere), turn)
        for turn in orientation.ALL
        if turn != orientation.UPRIGHT
    ]
    error, turn = min(found)
    as_it_is = mse(source, annotated, everywhere)
    if psnr_db(error) >= min(limit_db, _RECOGNISED_DB) and error * CLEARLY < as_it_is:
        return f"is the right one {orientation.name_of(turn)}"
    return "is another one"


def _resampled(picture: Luma, shape: tuple[int, ...]) -> Luma:
    """Nearest pixels: enough to recognise a picture."""
    rows = np.arange(shape[0]) * picture.shape[0] // shape[0]
    columns = np.arange(shape[1]) * picture.shape[1] // shape[1]
    return np.asarray(picture[rows][:, columns], dtype=np.float32)


def _worst_tile(errors: NDArray[np.float32], mask: Mask) -> float:
    """Greatest mean squared error of a tile at least half of which is compared."""
    height, width = (side - side % _TILE_PX for side in errors.shape)
    if not height or not width:
        return 0.0
    shape = (height // _TILE_PX, _TILE_PX, width // _TILE_PX, _TILE_PX)
    counts = mask[:height, :width].reshape(shape).sum(axis=(1, 3))
    sums = errors[:height, :width].reshape(shape).sum(axis=(1, 3))
    means = np.where(counts >= _TILE_PX**2 // 2, sums / np.maximum(counts, 1), 0)
    return float(means.max())
