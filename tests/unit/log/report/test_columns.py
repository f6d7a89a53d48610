"""The log inside the page, read back with nothing of the code that wrote it."""

import base64
import zlib

import numpy as np
import pytest

from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord
from api_client.log.report.columns import LogColumns


def box(name: str, confidence: float, tracker_id: int | None, *, interpolated: bool = False) -> LoggedBox:
    return LoggedBox(0, 0, 0.0, 0, name, confidence, 0, 0, 1, 1, tracker_id, interpolated, None, None)


def frame(index: int, seconds: float, *boxes: LoggedBox) -> FrameRecord:
    return FrameRecord(
        frame_index=index, pts=index, time_seconds=seconds, unseen=None, boxes=boxes, size_px=(640, 480)
    )


def test_columns_hold_every_frame_and_box_in_order() -> None:
    columns = LogColumns.of(
        [
            frame(0, 0.0, box("cat", 0.9, 5), box("dog", 0.5, None)),
            frame(1, 1 / 30),
            frame(2, 2 / 30, box("cat", 0.333, 5, interpolated=True)),
        ]
    )

    data = zlib.decompress(base64.b64decode(columns.packed()))

    assert np.frombuffer(data, "<u4", 3).tolist() == [0, 333, 334]
    assert np.frombuffer(data, "<u4", 3, 12).tolist() == [1, 0, 1]
    assert np.frombuffer(data, "<u2", 3, 24).tolist() == [2, 0, 1]
    assert np.frombuffer(data, "<u2", 3, 30).tolist() == [0, 1, 0]
    assert list(data[36:]) == [180, 100, 66, 0, 0, 1]
    assert (list(columns.words), columns.tracks) == (["cat", "dog"], {5: 1})


@pytest.mark.parametrize("hundredths", range(101))
def test_a_confidence_of_32_bits_is_not_below_the_percent_it_was_written_as(hundredths: int) -> None:
    columns = LogColumns.of([frame(0, 0.0, box("cat", float(np.float32(hundredths / 100)), None))])

    assert zlib.decompress(base64.b64decode(columns.packed()))[-2] == 2 * hundredths
