from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from training.pocket.assignment import assign, pairwise_iou
from training.pocket.augmentation import Annotated, augment
from training.pocket.losses import divergence, giou, quality_focal
from training.pocket.normalisation import add_norms, fold_norms, measure_norms
from training.pocket.photographs import WHOLE, read_pictures
from workers.detectors.pocket.pyramid import Pyramid


def test_a_box_is_answered_by_points_inside_it() -> None:
    centres = torch.tensor([[4.0, 4.0], [12.0, 4.0], [60.0, 60.0]])
    truth = torch.tensor([[[0.0, 0.0, 16.0, 8.0]]])
    predicted = truth.expand(1, 3, 4).clone()
    filler = torch.full((1, 9, 4), 90.0)  # assignment needs ten points to choose from

    index, overlap = assign(
        torch.zeros(1, 12),
        torch.cat((predicted, filler), dim=1),
        torch.cat((centres, torch.full((9, 2), 90.0))),
        torch.full((12,), 8.0),
        truth,
        torch.ones(1, 1, dtype=torch.bool),
    )

    assert index[0, :2].tolist() == [0, 0]
    assert (index[0, 2:] == -1).all()
    assert overlap[0, :2].tolist() == [1.0, 1.0]


def test_iou_of_half_a_box() -> None:
    whole, half = torch.tensor([[[0.0, 0, 4, 4]]]), torch.tensor([[[0.0, 0, 4, 2]]])

    assert pairwise_iou(whole, half).item() == pytest.approx(0.5)
    assert giou(whole[0], half[0]).item() == pytest.approx(0.5)


def test_right_answers_cost_nothing() -> None:
    logits = torch.tensor([[20.0, -20.0]])

    assert quality_focal(logits, torch.tensor([[1.0, 0.0]]), torch.ones(1, 2)).item() < 1e-6
    assert divergence(logits, logits.log_softmax(-1), 2.0).item() == pytest.approx(0.0, abs=1e-6)


def test_folding_the_norms_changes_nothing() -> None:
    torch.manual_seed(0)
    pyramid = Pyramid([4, 8, 12], 16)
    add_norms(pyramid)
    maps = [torch.randn(2, width, 16 // 2**i, 16 // 2**i) for i, width in enumerate((4, 8, 12))]
    pyramid(maps)  # moves the running statistics
    before = pyramid.eval()(maps)

    fold_norms(pyramid)

    after = pyramid(maps)
    assert not any("norm" in name for name, _ in pyramid.named_modules())
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(before, after, strict=True))


def test_weights_whose_norms_were_folded_are_trained_on_from_where_they_were() -> None:
    torch.manual_seed(0)
    pyramid = Pyramid([4, 8, 12], 16).eval()
    maps = [torch.randn(8, width, 32 // 2**i, 32 // 2**i) for i, width in enumerate((4, 8, 12))]
    before = pyramid(maps)

    add_norms(pyramid)
    measure_norms(pyramid, lambda: pyramid(maps))

    in_use, in_training = pyramid.eval()(maps), pyramid.train()(maps)
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(before, in_use, strict=True))
    assert all(torch.allclose(a, b, atol=0.02) for a, b in zip(before, in_training, strict=True))


def test_a_whole_picture_is_neither_background_nor_a_box_to_find(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "b.png"), np.full((900, 600, 3), 200, np.uint8))
    (tmp_path / "names.txt").write_text("not a picture")

    (whole,) = read_pictures(tmp_path)

    assert whole.decode().shape == (448, 299, 3)
    assert whole.boxes_xyxy_px.tolist() == [[0, 0, 299, 448]]
    assert whole.categories.tolist() == [WHOLE]
    assert WHOLE < 0  # assignment takes categories from 0


@pytest.mark.parametrize("count", [1, 4], ids=["one photograph", "mosaic"])
def test_augmented_boxes_stay_on_their_objects(count: int) -> None:
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[30:90, 40:120] = 255
    photo = Annotated(
        picture=picture,
        boxes=np.array([[40, 30, 120, 90]], np.float32),
        categories=np.array([3]),
    )

    sample = augment([photo] * count, 128, np.random.default_rng(1))

    for box in sample.boxes_xyxy_px[sample.categories == 3]:
        x_min, y_min, x_max, y_max = np.round(box).astype(int)
        inside = sample.picture[y_min:y_max, x_min:x_max].mean()
        assert inside > 0.8 * sample.picture.max()
