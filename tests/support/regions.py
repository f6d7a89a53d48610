"""Reading kept regions back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors import safe_open

from workers.detectors.detections import Regions


def read_regions(path: Path) -> Iterator[tuple[int, Regions]]:
    """Yield (frame index, regions) of every frame that was looked at, features one frame at a time."""
    with safe_open(path, framework="np") as file:
        boxes, objectness = file.get_tensor("boxes"), file.get_tensor("objectness")
        features = file.get_slice("features")
        no_features = np.zeros((0, features.get_shape()[1]), np.float16)
        start = 0
        for frame_index, count in zip(file.get_tensor("frame_index"), file.get_tensor("count"), strict=True):
            rows = slice(start, start + int(count))
            start = rows.stop
            yield (
                int(frame_index),
                Regions(
                    boxes_xyxy_px=boxes[rows],
                    objectness=objectness[rows],
                    features=features[rows] if count else no_features,  # safetensors cannot slice nothing
                ),
            )
