"""The network against OpenCV 4's reading of the same files (`tests/data/yolov3/make_golden.py`)."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.yolov3.darknet_files import CLASSES
from workers.detectors.yolov3.config import Yolov3Config
from workers.detectors.yolov3.decoding import decode
from workers.detectors.yolov3.network import Yolov3

GOLDEN = Path(__file__).parents[2] / "data" / "yolov3" / "golden.npz"
CLOSE = {"rtol": 0, "atol": 1e-4}
CLOSE_BOXES = {"rtol": 1e-5, "atol": 1e-4}
"""Their sides are exponentials: up to dozens of pictures long, of which float32 keeps seven digits."""


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    return dict(np.load(GOLDEN))


@pytest.fixture(scope="module")
def grids(network: Yolov3, golden: dict[str, np.ndarray]) -> list[torch.Tensor]:
    picture = torch.from_numpy(golden["picture"]).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        return network(picture)


@pytest.mark.parametrize("number", range(3))
def test_a_grid_is_that_of_opencv(grids, golden, number: int) -> None:
    expected = golden[f"grid_{number}"]

    assert expected.std(axis=(2, 3)).mean() > 0.1  # places differ: not offsets alone are compared
    np.testing.assert_allclose(grids[number].numpy(), expected, **CLOSE)


def test_boxes_and_scores_are_those_of_opencv(grids, golden) -> None:
    side_px = len(golden["picture"])
    boxes, scores = decode(grids, Yolov3Config().anchors_px, side_px)

    centre, size = golden["decoded"][:, :2], golden["decoded"][:, 2:4]
    corners = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
    np.testing.assert_allclose(boxes[0].numpy() / side_px, corners, **CLOSE_BOXES)
    told = golden["decoded"][:, 5:]  # OpenCV leaves out what is unlikely
    assert told.shape[1] == CLASSES
    np.testing.assert_allclose(scores[0].numpy()[told > 0], told[told > 0], **CLOSE)
    assert scores[0].numpy()[told == 0].max() < told[told > 0].min() + 1e-4
