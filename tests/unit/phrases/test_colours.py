"""The colour of a region by its pixels."""

import numpy as np
import pytest

from vocabularies.phrase import COLOURS
from workers.detectors.phrases.colours import degree, lab, shares

FLAT = {
    "black": (10, 10, 12), "white": (245, 245, 240), "grey": (128, 128, 128), "red": (200, 20, 30),
    "orange": (250, 130, 20), "yellow": (240, 220, 40), "green": (40, 140, 60), "blue": (30, 70, 180),
    "purple": (120, 40, 140), "pink": (250, 150, 180), "brown": (110, 70, 40),
}  # fmt: skip
WHOLE = np.array([[0, 0, 120, 80]], np.float32)


def painted(*patches: tuple[tuple[int, int, int, int], tuple[int, int, int]]) -> np.ndarray:
    frame = np.full((80, 120, 3), 128, np.uint8)
    for (left, top, right, bottom), colour in patches:
        frame[top:bottom, left:right] = colour
    return frame


def told(frame: np.ndarray, box=WHOLE) -> str:
    found = shares(frame, box)
    return max(COLOURS, key=lambda colour: float(degree(found, [colour])[0]))


@pytest.mark.parametrize(("colour", "rgb"), FLAT.items())
def test_every_basic_colour_is_told(colour: str, rgb) -> None:
    assert told(painted(((0, 0, 120, 80), rgb))) == colour


def test_tyres_and_windows_do_not_make_a_red_car_black() -> None:
    car = painted(((0, 0, 120, 80), FLAT["red"]), ((10, 50, 110, 80), FLAT["black"]))

    assert told(car) == "red"


def test_what_is_behind_counts_less_than_the_middle() -> None:
    assert told(painted(((0, 0, 120, 80), FLAT["green"]), ((18, 12, 102, 68), FLAT["orange"]))) == "orange"


def test_two_colours_are_both_asked_for() -> None:
    flag = shares(painted(((0, 0, 60, 80), FLAT["red"]), ((60, 0, 120, 80), FLAT["white"])), WHOLE)

    assert degree(flag, ["red", "white"])[0] == 1
    assert degree(flag, ["red", "blue"])[0] == 0


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (119.5, 79.5, 120, 80), (5, 5, 5, 5), (-3, -3, 500, 500)])
def test_boxes_of_any_size_have_shares_that_add_up_to_1(box) -> None:
    found = shares(painted(), np.array([box], np.float32))

    assert found.sum() == pytest.approx(1)
    assert shares(painted(), np.zeros((0, 4), np.float32)).shape == (0, len(COLOURS))


def test_lab_is_that_of_the_standard() -> None:
    rgb = np.array([[255, 255, 255], [255, 0, 0], [0, 0, 255], [0, 0, 0]], np.uint8)

    expected = [[100, 0, 0], [53.24, 80.09, 67.2], [32.3, 79.19, -107.86], [0, 0, 0]]
    np.testing.assert_allclose(lab(rgb), expected, atol=0.1)
