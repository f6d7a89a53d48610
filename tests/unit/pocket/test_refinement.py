import math

import torch

from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.network import build
from workers.detectors.pocket.refinement import LARGEST_STRETCH, shifted

BOX = torch.tensor([[10.0, 20.0, 30.0, 60.0]])


def test_no_shift_keeps_the_box() -> None:
    assert torch.allclose(shifted(BOX, torch.zeros(1, 4)), BOX)


def test_a_shift_is_in_parts_of_the_sides_and_logarithms() -> None:
    moved = shifted(BOX, torch.tensor([[0.5, -0.25, math.log(2), 0.0]]))

    assert torch.allclose(moved, torch.tensor([[10.0, 10.0, 50.0, 50.0]]))


def test_no_box_explodes() -> None:
    sides = shifted(BOX, torch.full((1, 4), 50.0))[0]

    assert torch.isclose(sides[2] - sides[0], torch.tensor(20 * math.exp(LARGEST_STRETCH)))


def test_every_region_is_judged_and_moved_by_itself() -> None:
    network = build(PocketConfig()).eval()
    boxes = torch.tensor([[[0.1, 0.1, 0.5, 0.5], [0.4, 0.2, 0.9, 0.8], [0.1, 0.1, 0.5, 0.5]]])

    with torch.inference_mode():
        _, _, image_map, levels = network(torch.rand(1, 3, 128, 192))
        seen = network.describe(image_map, levels, boxes)

    assert seen.quality_logits_BR.shape == (1, 3)
    assert seen.shifts_BR4.shape == (1, 3, 4)
    assert torch.allclose(seen.shifts_BR4[:, 0], seen.shifts_BR4[:, 2], atol=1e-5)
    assert not torch.allclose(seen.shifts_BR4[:, 0], seen.shifts_BR4[:, 1], atol=1e-5)
