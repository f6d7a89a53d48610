"""From detections to rows."""

import numpy as np

from api_client.contract.detection_log import SCHEMA, read_log, write_log
from tests.manifests import manifest
from workers.detectors import Detections
from workers.frame_detections import FrameDetections
from workers.log_writer import record_batches

VIDEO = manifest().video


def looked(frame_index: int, count: int, *, masks: bool = False) -> FrameDetections:
    detections = Detections(
        boxes_xyxy_px=np.arange(4 * count, dtype=np.float32).reshape(count, 4),
        scores=np.linspace(0.9, 0.1, count, dtype=np.float32),
        label_ids=np.arange(count, dtype=np.int32) % 2,
        masks=np.full((count, 28, 28), frame_index, np.uint8) if masks else None,
    )
    return FrameDetections(frame_index=frame_index, pts=frame_index * 2, detections=detections)


def test_a_row_says_all_there_is_to_say():
    (batch,) = record_batches([looked(3, 2, masks=True)], VIDEO, ("cat", "dog"))

    row = batch.to_pylist()[1]

    assert batch.schema == SCHEMA
    assert row == {
        "frame_index": 3,
        "pts": 6,
        "time_seconds": 0.6,
        "class_id": 1,
        "class_name": "dog",
        "confidence": np.float32(0.1),
        "x_min": 4.0,
        "y_min": 5.0,
        "x_max": 6.0,
        "y_max": 7.0,
        "tracker_id": None,
        "mask": bytes([3]) * 28 * 28,
    }


def test_frames_in_which_nothing_was_found_have_no_row():
    frames = [looked(0, 0), looked(1, 2), looked(2, 0), looked(3, 1)]

    (batch,) = record_batches(frames, VIDEO, ("cat", "dog"))

    assert batch["frame_index"].to_pylist() == [1, 1, 3]
    assert batch["mask"].null_count == 3


def test_nothing_at_all_makes_no_batch():
    assert list(record_batches([looked(0, 0)], VIDEO, ("cat", "dog"))) == []


def test_batches_are_bounded_and_end_with_a_frame():
    batches = record_batches([looked(i, 3) for i in range(5)], VIDEO, ("cat", "dog"), rows_per_batch=5)

    assert [batch.num_rows for batch in batches] == [6, 6, 3]


def test_equal_detections_give_equal_files(tmp_path):
    for name in ("first", "second"):
        rows = write_log(
            tmp_path / name,
            record_batches([looked(i, 3, masks=True) for i in range(9)], VIDEO, ("cat", "dog")),
        )

    assert rows == 27
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert sum(batch.num_rows for batch in read_log(tmp_path / "first")) == 27
