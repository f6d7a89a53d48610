"""Translucent colour, by a table look-up per channel: exact, and the quickest way there is."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from api_client.log.palette import Rgb


def tinted(pixels: NDArray[np.uint8], colour: Rgb, opacity: float) -> NDArray[np.uint8]:
    """Return the pixels with a colour laid over them.

    pixels: (H, W, 3) RGB. opacity: 0 leaves them as they are, 1 hides them.
    """
    return np.asarray(cv2.LUT(pixels, _table(colour, opacity)), np.uint8)


@lru_cache(maxsize=4096)
def _table(colour: Rgb, opacity: float) -> NDArray[np.uint8]:
    """Return (1, 256, 3): what becomes of every value in every channel."""
    values = np.arange(256)[None, :, None]
    return np.rint((1 - opacity) * values + opacity * np.array(colour)).astype(np.uint8)
