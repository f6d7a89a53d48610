import numpy as np
import torch

from workers.detectors.pocket.suppression import (
    PART_FACTOR,
    best_regions,
    doubt_parts,
    drop_repeats,
    proposals,
)

WHOLE, PART, BESIDE = [0.0, 0, 10, 20], [1.0, 1, 9, 8], [30.0, 0, 40, 20]
NEARLY_WHOLE = [0.0, 0, 10, 19]


def test_of_two_boxes_on_one_object_the_better_stays() -> None:
    boxes = torch.tensor([[WHOLE, NEARLY_WHOLE, BESIDE]])

    score, index = best_regions(torch.tensor([[0.6, 0.9, 0.3]]), boxes)

    assert torch.allclose(score, torch.tensor([[0.9, 0.3, 0.0]]))
    assert index[0, :2].tolist() == [1, 2]


def test_boxes_less_alike_both_get_a_second_look() -> None:
    boxes = torch.tensor([[WHOLE, [0.0, 0, 10, 13], NEARLY_WHOLE]])

    score, index = proposals(torch.tensor([[0.6, 0.9, 0.3]]), boxes)

    assert torch.allclose(score, torch.tensor([[0.9, 0.6, 0.0]]))
    assert index[0, :2].tolist() == [1, 0]


def test_frames_do_not_suppress_each_other() -> None:
    boxes = torch.tensor([[WHOLE], [WHOLE]])

    score, _ = best_regions(torch.tensor([[0.6], [0.9]]), boxes)

    assert torch.allclose(score, torch.tensor([[0.6], [0.9]]))


def test_no_region_is_no_error() -> None:
    score, index = best_regions(torch.zeros(2, 0), torch.zeros(2, 0, 4))

    assert score.shape == index.shape == (2, 0)


def test_of_two_boxes_of_one_word_on_one_object_the_better_keeps_its_score() -> None:
    boxes = np.array([WHOLE, NEARLY_WHOLE, NEARLY_WHOLE, BESIDE])

    left = drop_repeats(np.array([0.6, 0.9, 0.5, 0.3]), boxes, np.array([0, 0, 1, 0]))

    assert np.allclose(left, np.array([0.0, 0.9, 0.5, 0.3]))


def test_a_part_of_a_better_box_of_the_same_word_is_doubted() -> None:
    scores = np.array([0.9, 0.8, 0.7])

    doubted = doubt_parts(scores, np.array([WHOLE, PART, BESIDE]), np.array([1, 1, 1]))

    assert np.allclose(doubted, np.array([0.9, 0.8 * PART_FACTOR, 0.7]))


def test_another_word_inside_is_not_doubted() -> None:
    scores = np.array([0.9, 0.8])

    assert np.array_equal(doubt_parts(scores, np.array([WHOLE, PART]), np.array([0, 1])), scores)
