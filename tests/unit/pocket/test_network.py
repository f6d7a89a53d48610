import numpy as np
import torch

from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.network import build
from workers.detectors.pocket.preprocessing import Fit, stack


def test_points_of_all_strides_are_predicted() -> None:
    network = build(PocketConfig()).eval()

    with torch.inference_mode():
        logits, boxes, image_map, levels = network(torch.zeros(1, 3, 128, 192))

    points = 16 * 24 + 8 * 12 + 4 * 6 + 2 * 3
    assert logits.shape == (1, points)
    assert boxes.shape == (1, points, 4)
    assert image_map.shape == (1, 1280, 4, 6)
    assert [tuple(level.shape[2:]) for level in levels] == [(16, 24), (8, 12), (4, 6), (2, 3)]


def test_boxes_come_back_to_the_frame_as_they_went() -> None:
    fit = Fit.of((640, 360), 448)
    frame = np.zeros((360, 640, 3), np.uint8)
    frame[100:200, 50:150] = 255

    images = stack([frame], fit)
    rows, columns = np.nonzero(images[0, :, :, 0] > 200)
    turned = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)

    assert np.allclose(fit.to_frame(turned), [50, 100, 150, 200], atol=2)


def test_the_picture_lies_within_its_borders() -> None:
    fit = Fit.of((640, 200), 448)

    images = stack([np.full((200, 640, 3), 255, np.uint8)], fit)

    x_min, y_min, x_max, y_max = map(int, fit.borders_xyxy)
    assert (images[0, y_min:y_max, x_min:x_max] == 255).all()
    assert (images != 255).any()
    assert (images == 255).sum() == 3 * (x_max - x_min) * (y_max - y_min)
