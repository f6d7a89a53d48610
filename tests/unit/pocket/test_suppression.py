import torch

from workers.detectors.pocket.suppression import PART_FACTOR, best_regions, doubt_parts

WHOLE, PART, BESIDE = [0.0, 0, 10, 20], [1.0, 1, 9, 8], [30.0, 0, 40, 20]


def test_of_two_boxes_on_one_object_the_better_stays() -> None:
    boxes = torch.tensor([[WHOLE, [0.0, 0, 10, 19], BESIDE]])

    objectness, kept = best_regions(torch.tensor([[0.6, 0.9, 0.3]]), boxes)

    assert torch.allclose(objectness, torch.tensor([[0.9, 0.3, 0.0]]))
    assert kept[0, :2].tolist() == [[0.0, 0, 10, 19], BESIDE]


def test_frames_do_not_suppress_each_other() -> None:
    boxes = torch.tensor([[WHOLE], [WHOLE]])

    objectness, _ = best_regions(torch.tensor([[0.6], [0.9]]), boxes)

    assert torch.allclose(objectness, torch.tensor([[0.6], [0.9]]))


def test_a_part_of_a_better_box_of_the_same_word_is_doubted() -> None:
    scores = torch.tensor([0.9, 0.8, 0.7])

    doubted = doubt_parts(scores, torch.tensor([WHOLE, PART, BESIDE]), torch.tensor([1, 1, 1]))

    assert torch.allclose(doubted, torch.tensor([0.9, 0.8 * PART_FACTOR, 0.7]))


def test_another_word_inside_is_not_doubted() -> None:
    scores = torch.tensor([0.9, 0.8])

    assert torch.equal(doubt_parts(scores, torch.tensor([WHOLE, PART]), torch.tensor([0, 1])), scores)
