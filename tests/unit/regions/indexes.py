"""Made-up regions with which the index is tested."""

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions import IndexBuilder, IndexHeader, RegionIndex, Segment

LAYOUT = (
    Segment(name="embedding", count=4, coding="int8"),
    Segment(name="names", count=2, coding="uint16"),
    Segment(name="shares", count=2, coding="share"),
)
FRAMES_PER_SECOND = 10


def header(**changes: object) -> IndexHeader:
    fields = {
        "detector": "pocket",
        "weights_digest": "ab" * 32,
        "text_encoder": "words",
        "layout": LAYOUT,
        "width_px": 400,
        "height_px": 200,
        "time_base": (1, FRAMES_PER_SECOND),
        "first_pts": 0,
        "most_regions": 8,
        "least_objectness": 0.3,
        "sure_objectness": 0.3,
        "lowest_threshold": 0.5,
        "looks_per_second": 1.0,
    }
    return IndexHeader.model_validate(fields | changes)


def box(left: float, *, side: float = 40) -> list[float]:
    return [left, 10, left + side, 10 + side]


def look(number: float) -> NDArray[np.float32]:
    return np.array([number, 1, -1, 0.5, 7, 300, 0.25, 1.0], np.float32)


def built(
    frames: list[list[tuple[list[float], float, float]]], index_header: IndexHeader | None = None
) -> RegionIndex:
    """An index of frames, each a list of (box, objectness, number of its look)."""
    builder = IndexBuilder(index_header or header())
    for frame_index, regions in enumerate(frames):
        boxes = np.array([region[0] for region in regions], np.float32).reshape(-1, 4)
        objectness = np.array([region[1] for region in regions], np.float32)
        features = np.array([look(region[2]) for region in regions]).reshape(-1, 8)
        builder.add(frame_index, frame_index, boxes, objectness, features)
    return builder.built()
