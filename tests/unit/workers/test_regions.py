"""Regions kept for later."""

import numpy as np
import safetensors.numpy

from tests.support.regions import read_regions
from workers.detectors import Detections, Regions
from workers.frame_detections import FrameDetections
from workers.regions import write_regions

FEATURES = 6


def looked(frame_index: int, count: int | None) -> FrameDetections:
    rng = np.random.default_rng(frame_index)
    regions = None
    if count is not None:
        regions = Regions(
            boxes_xyxy_px=rng.random((count, 4), np.float32),
            objectness=np.sort(rng.random(count, np.float32))[::-1],
            features=rng.random((count, FEATURES), np.float32).astype(np.float16),
        )
    none = Detections.none()
    detections = Detections(
        boxes_xyxy_px=none.boxes_xyxy_px, scores=none.scores, label_ids=none.label_ids, regions=regions
    )
    return FrameDetections(frame_index=frame_index, pts=frame_index, detections=detections)


def test_what_is_read_is_what_was_written(tmp_path):
    frames = [looked(3, 2), looked(6, 0), looked(9, 5)]

    write_regions(tmp_path / "regions", frames)

    read = list(read_regions(tmp_path / "regions"))
    assert [index for index, _ in read] == [3, 6, 9]
    for (_, regions), frame in zip(read, frames, strict=True):
        expected = frame.detections.regions
        assert np.array_equal(regions.boxes_xyxy_px, expected.boxes_xyxy_px)
        assert np.array_equal(regions.objectness, expected.objectness)
        assert np.array_equal(regions.features, expected.features)
        assert regions.features.dtype == np.float16


def test_any_reader_of_safetensors_can_read_it(tmp_path):
    write_regions(tmp_path / "regions", [looked(0, 2), looked(1, 3)])

    tensors = safetensors.numpy.load_file(tmp_path / "regions")

    assert {name: tensor.shape for name, tensor in tensors.items()} == {
        "frame_index": (2,),
        "count": (2,),
        "boxes": (5, 4),
        "objectness": (5,),
        "features": (5, FEATURES),
    }


def test_equal_regions_give_equal_bytes_and_leave_nothing_else(tmp_path):
    for name in ("first", "second"):
        write_regions(tmp_path / name, [looked(i, 4) for i in range(5)])

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_detector_that_keeps_none_leaves_none(tmp_path):
    write_regions(tmp_path / "regions", [looked(0, None), looked(1, None)])

    assert [(index, len(regions.objectness)) for index, regions in read_regions(tmp_path / "regions")] == [
        (0, 0),
        (1, 0),
    ]


def test_no_frame_looked_at_is_no_error(tmp_path):
    write_regions(tmp_path / "regions", [])

    assert list(read_regions(tmp_path / "regions")) == []
