"""A frame the detector looked at, without its pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors.detections import Detections


@dataclass(frozen=True, kw_only=True)
class FrameDetections:
    """What the log says about one frame."""

    frame_index: int
    """In the whole video, from 0."""
    pts: int
    """In the source's time base."""
    detections: Detections
    region_colours: NDArray[np.uint8] | None = None
    """(R, K) of its regions, as `RegionIndex.colours`; None where no index is kept."""
