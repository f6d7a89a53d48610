"""The best looks: small JPEGs of what a box holds."""

from io import BytesIO

import av
import numpy as np
import pytest

from api_client.log.report import CROP_SIDE_PX, cut_crops
from tests.clips import RED, picture


def decoded(jpeg: bytes) -> np.ndarray:
    with av.open(BytesIO(jpeg), format="jpeg_pipe") as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def track(tracker_id: int, x_min: float, y_min: float, x_max: float, y_max: float) -> dict[str, float]:
    return {"tracker_id": tracker_id, "x_min": x_min, "y_min": y_min, "x_max": x_max, "y_max": y_max}


def test_a_crop_shows_what_the_box_holds() -> None:
    crops = cut_crops(picture(10), [track(7, 20, 8, 44, 32)])

    (red,) = crops.values()

    assert list(crops) == [7]
    assert np.abs(decoded(red)[13:16, 13:16].astype(int) - RED).max() < 25


def test_a_large_box_is_scaled_down_and_keeps_its_shape() -> None:
    frame = np.zeros((1080, 1920, 3), np.uint8)

    (jpeg,) = cut_crops(frame, [track(1, 0, 0, 1920, 1080)]).values()

    height, width, _ = decoded(jpeg).shape
    assert (width, height) == (CROP_SIDE_PX, 90)


@pytest.mark.parametrize("box", [(-50, -50, -10, -10), (500, 500, 600, 600), (30.2, 20.1, 30.2, 20.1)])
def test_a_box_that_is_empty_or_outside_gives_a_picture_all_the_same(box: tuple[float, ...]) -> None:
    (jpeg,) = cut_crops(picture(0), [track(1, *box)]).values()

    assert decoded(jpeg).size > 0


def test_equal_frames_give_equal_bytes() -> None:
    first, second = (cut_crops(picture(3), [track(1, 0, 0, 90, 90)]) for _ in range(2))

    assert first == second
