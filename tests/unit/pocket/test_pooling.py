import torch

from workers.detectors.pocket.pooling import average_inside, enlarged


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


def test_an_enlarged_box_keeps_its_centre_and_stays_inside() -> None:
    boxes = torch.tensor([[[0.4, 0.4, 0.6, 0.5], [0.0, 0.0, 0.2, 1.0]]])

    wider = enlarged(boxes, 2.0)

    assert torch.allclose(wider, torch.tensor([[[0.3, 0.35, 0.7, 0.55], [0.0, 0.0, 0.3, 1.0]]]))
