import numpy as np
import torch

from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.network import build
from workers.detectors.pocket.preprocessing import Fit, stack
from workers.detectors.pocket.regions import average_inside


def test_a_region_is_the_mean_of_the_cells_it_covers() -> None:
    map_BCHW = torch.arange(24.0).reshape(1, 1, 4, 6)
    two_by_three_cells = torch.tensor([[[1 / 6, 1 / 4, 4 / 6, 3 / 4]]])

    pooled = average_inside(map_BCHW, two_by_three_cells, bins=1)

    assert torch.allclose(pooled, map_BCHW[:, :, 1:3, 1:4].mean().reshape(1, 1, 1))


def test_bins_are_row_by_row() -> None:
    map_BCHW = torch.arange(4.0).reshape(1, 1, 2, 2)

    pooled = average_inside(map_BCHW, torch.tensor([[[0.0, 0.0, 1.0, 1.0]]]), bins=2)

    assert pooled.flatten().tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_region_thinner_than_a_cell_interpolates() -> None:
    map_BCHW = torch.tensor([[[[0.0, 8.0]]]])
    on_the_border = torch.tensor([[[0.5, 0.0, 0.5, 1.0]]])

    assert average_inside(map_BCHW, on_the_border, bins=1).item() == 4.0


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
    rows, columns = torch.nonzero(images[0, 0] > 0.5, as_tuple=True)
    turned = torch.tensor([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()

    assert torch.allclose(fit.to_frame(turned), torch.tensor([50.0, 100.0, 150.0, 200.0]), atol=2.0)
