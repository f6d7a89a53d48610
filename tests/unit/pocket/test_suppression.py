import numpy as np

from workers.detectors.pocket.suppression import (
    PART_FACTOR,
    best_regions,
    doubt_parts,
    drop_doubles,
    drop_repeats,
)

WHOLE, PART, BESIDE = [0.0, 0, 10, 20], [1.0, 1, 9, 8], [30.0, 0, 40, 20]
NEARLY_WHOLE = [0.0, 0, 10, 19]


def test_of_two_boxes_on_one_object_the_better_stays() -> None:
    boxes = np.array([WHOLE, NEARLY_WHOLE, BESIDE], np.float32)

    assert best_regions(np.array([0.6, 0.9, 0.3], np.float32), boxes).tolist() == [1, 2]


def test_boxes_less_alike_both_stay() -> None:
    boxes = np.array([WHOLE, [0.0, 0, 10, 10], NEARLY_WHOLE], np.float32)

    assert best_regions(np.array([0.6, 0.9, 0.3], np.float32), boxes).tolist() == [1, 0]


def test_no_region_is_no_error() -> None:
    assert best_regions(np.zeros(0, np.float32), np.zeros((0, 4), np.float32)).tolist() == []


def test_of_two_boxes_of_one_word_on_one_object_the_better_keeps_its_score() -> None:
    boxes = np.array([WHOLE, NEARLY_WHOLE, NEARLY_WHOLE, BESIDE])

    left = drop_repeats(np.array([0.6, 0.9, 0.5, 0.3]), boxes, np.array([0, 0, 1, 0]))

    assert np.allclose(left, np.array([0.0, 0.9, 0.5, 0.3]))


def test_of_two_regions_with_nearly_one_box_the_surer_keeps_its_words() -> None:
    scores = np.array([[0.7, 0.2], [0.9, 0.1], [0.3, 0.2]])

    left = drop_doubles(scores, np.array([WHOLE, NEARLY_WHOLE, BESIDE]))

    assert left.tolist() == [[0, 0], [0.9, 0.1], [0.3, 0.2]]


def test_a_part_of_a_better_box_of_the_same_word_is_doubted() -> None:
    scores = np.array([0.9, 0.8, 0.7])

    doubted = doubt_parts(scores, np.array([WHOLE, PART, BESIDE]), np.array([1, 1, 1]))

    assert np.allclose(doubted, np.array([0.9, 0.8 * PART_FACTOR, 0.7]))


def test_a_box_round_a_better_box_of_the_same_word_is_doubted() -> None:
    scores = np.array([0.6, 0.9])

    doubted = doubt_parts(scores, np.array([WHOLE, PART]), np.array([1, 1]))

    assert np.allclose(doubted, np.array([0.6 * PART_FACTOR, 0.9]))


def test_another_word_inside_is_not_doubted() -> None:
    scores = np.array([0.9, 0.8])

    assert np.array_equal(doubt_parts(scores, np.array([WHOLE, PART]), np.array([0, 1])), scores)
