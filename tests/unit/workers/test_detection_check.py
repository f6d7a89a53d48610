"""Nonsense from a detector is an error with the frame and the value, and reaches no log."""

import numpy as np
import pytest

from workers.detection_check import checked
from workers.detectors import Detections
from workers.detectors.errors import DetectorError


def one(box: object = (1, 2, 30, 40), score: object = 0.5, label: object = 0) -> Detections:
    return Detections(
        boxes_xyxy_px=np.array([box], np.float32),
        scores=np.array([score], np.float32),
        label_ids=np.array([label], np.int32),
    )


def check(found: list[Detections], frames: int = 1) -> list[Detections]:
    return checked(found, range(7, 7 + frames), size_px=(64, 48), labels=2)


@pytest.mark.parametrize(
    ("nonsense", "told"),
    [
        (one(box=(np.nan, 0, 1, 1)), "a box .* frame 7: .*nan"),
        (one(box=(0, 0, np.inf, 1)), "a box .* frame 7: .*inf"),
        (one(box=(0, 0, 70, 10)), "a box .* frame 7: .*70"),
        (one(box=(-5, 0, 7, 10)), "a box .* frame 7: .*-5"),
        (one(box=(9, 0, 7, 10)), "a box .* frame 7"),
        (one(score=np.nan), "a score .* frame 7: nan"),
        (one(score=1.5), "a score .* frame 7: 1.5"),
        (one(label=2), "a label .* frame 7: 2"),
        (one(label=-1), "a label .* frame 7: -1"),
    ],
)
def test_what_cannot_be_is_told_with_frame_and_value(nonsense: Detections, told: str) -> None:
    with pytest.raises(DetectorError, match=told):
        check([nonsense])


def test_another_number_of_results_than_frames_is_told() -> None:
    with pytest.raises(DetectorError, match="1 results for 2 frames"):
        check([one()], frames=2)


def test_a_box_that_rounding_took_over_the_border_is_cut_there() -> None:
    (found,) = check([one(box=(-0.4, 0, 64.3, 48))])

    assert found.boxes_xyxy_px.tolist() == [[0, 0, 64, 48]]


def test_what_can_be_is_left_as_it_is() -> None:
    found = [one(), Detections.none()]

    assert check(found, frames=2) == found
