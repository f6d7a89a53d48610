"""Pictures with known content."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from workers.detectors import Frame

DATA = Path(__file__).parents[4] / "shared" / "pocket-data"


def noise(height_px: int, width_px: int, seed: int = 0) -> Frame:
    """Random pixels: plenty of features, the same ones every time."""
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3)).astype(np.uint8)


def photograph(name: str) -> Frame:
    """A photograph of the validation split, RGB; skips the test where it is absent."""
    path = DATA / "images" / "val" / name
    if not path.exists():
        pytest.skip("needs the photographs in ../shared/pocket-data")
    picture = cv2.imread(str(path))
    assert picture is not None
    return np.asarray(picture[:, :, ::-1], np.uint8)
