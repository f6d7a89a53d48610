"""The index of regions of a part, written while its frames are looked at."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from api_client.contract import VideoSpec
from api_client.contract.thresholds import Thresholds, floor_of
from api_client.log.regions import IndexBuilder, IndexHeader, write_index
from vocabularies.phrase import COLOURS
from workers.detectors import Detector, Regions
from workers.frame_detections import FrameDetections

_NONE = Regions(
    boxes_xyxy_px=np.zeros((0, 4), np.float32),
    objectness=np.zeros(0, np.float32),
    features=np.zeros((0, 0), np.float16),
)


def index_header(
    detector: Detector,
    video: VideoSpec,
    *,
    thresholds: Thresholds,
    most_regions: int,
    of_pictures: bool = False,
) -> IndexHeader:
    """Return what an index says of itself.

    thresholds: of the job; what cannot come up to the lowest of them, nor to the detector's own, is not worth
    keeping.
    """
    rescorer = detector.rescorer
    assert rescorer is not None, "whoever keeps regions has something to ask of them"
    lowest = min(thresholds.default, *thresholds.by_label.values(), detector.default_threshold)
    return IndexHeader(
        detector=detector.name,
        weights_digest=detector.weights_digest,
        text_encoder=detector.text_encoder.identity,
        layout=rescorer.layout,
        width_px=video.width_px,
        height_px=video.height_px,
        time_base=video.time_base,
        first_pts=video.first_pts,
        most_regions=most_regions,
        least_objectness=rescorer.least_objectness(floor_of(lowest)),
        lowest_threshold=lowest,
        sure_objectness=rescorer.least_objectness(lowest),
        looks_per_second=rescorer.looks_per_second,
        colours=COLOURS,
        of_pictures=of_pictures,
    )


def write_regions(path: Path, header: IndexHeader, frames: Iterable[FrameDetections]) -> None:
    """Write the index of all frames that were looked at. Equal regions give equal bytes."""
    builder = IndexBuilder(header)
    for frame in frames:
        regions = frame.detections.regions or _NONE
        builder.add(
            frame.frame_index, frame.pts, regions.boxes_xyxy_px, regions.objectness, regions.features,
            frame.region_colours,
        )  # fmt: skip
    write_index(path, builder.built())
