"""Relations by boxes: x to the right, y downwards."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocabularies.phrase import Relation
from workers.detectors.phrases.relations import degrees

SIDES = st.tuples(*[st.floats(0, 2000, width=32)] * 4)


def degree(relation: Relation, head, object_) -> float:
    return float(degrees(relation, np.array([head], np.float32), np.array([object_], np.float32))[0, 0])


@pytest.mark.parametrize(
    ("relation", "what", "head", "object_"),
    [
        ("on", "who sits on a bench", (100, 50, 150, 170), (50, 100, 250, 180)),
        ("on", "who stands on a skateboard", (100, 50, 150, 210), (95, 200, 160, 220)),
        ("on", "a cup on a table", (100, 100, 120, 130), (0, 80, 300, 260)),
        ("under", "a chair under an umbrella", (100, 150, 160, 250), (50, 60, 220, 140)),
        ("under", "a cat under a table", (100, 150, 160, 210), (50, 60, 250, 210)),
        ("in", "a dog in a car", (100, 100, 160, 150), (50, 60, 300, 220)),
        ("beside", "a dog beside a person", (160, 140, 240, 200), (90, 20, 150, 205)),
        ("holding", "who holds an umbrella", (100, 50, 150, 200), (60, 10, 190, 90)),
        ("holding", "who holds a racket", (100, 50, 150, 200), (148, 100, 190, 130)),
        ("riding", "who rides a horse", (140, 40, 190, 160), (60, 80, 260, 240)),
        ("wearing", "who wears a tie", (100, 50, 180, 250), (130, 110, 145, 170)),
        ("behind", "who stands behind a cow", (120, 40, 160, 160), (60, 80, 240, 200)),
        ("in front of", "who stands before a bus", (120, 100, 160, 220), (20, 20, 320, 200)),
        ("with", "with a dog", (90, 20, 150, 205), (160, 140, 240, 200)),
    ],
)  # fmt: skip
def test_a_relation_holds_where_boxes_lie_so(relation, what, head, object_) -> None:
    assert degree(relation, head, object_) > 0.9, what


@pytest.mark.parametrize(
    ("relation", "what", "head", "object_"),
    [
        ("on", "beside a bench", (300, 50, 350, 180), (50, 100, 250, 180)),
        ("on", "under a table", (100, 150, 160, 215), (50, 60, 250, 210)),
        ("on", "far above", (100, 10, 150, 60), (50, 150, 250, 180)),
        ("under", "on a bench", (100, 50, 150, 170), (50, 100, 250, 180)),
        ("in", "round about a thing", (50, 60, 300, 220), (100, 100, 160, 150)),
        ("beside", "on a horse", (140, 40, 190, 160), (60, 80, 260, 240)),
        ("beside", "at the other end of a street", (600, 140, 640, 200), (90, 20, 150, 205)),
        ("beside", "far behind", (160, 100, 170, 120), (90, 20, 150, 205)),
        ("holding", "a ball at the feet", (100, 50, 150, 200), (140, 185, 160, 205)),
        ("holding", "a bus", (100, 100, 160, 220), (20, 20, 320, 200)),
        ("riding", "beside a horse", (20, 60, 60, 240), (60, 80, 260, 240)),
        ("riding", "under a horse", (140, 160, 190, 260), (60, 80, 260, 240)),
        ("wearing", "a backpack beside one", (100, 50, 180, 250), (190, 150, 240, 240)),
        ("behind", "before a cow", (120, 100, 160, 230), (60, 80, 240, 200)),
    ],
)
def test_and_does_not_where_they_lie_otherwise(relation, what, head, object_) -> None:
    assert degree(relation, head, object_) < 0.4, what


@pytest.mark.parametrize("relation", get_args(Relation))
def test_a_thing_is_in_no_relation_with_itself(relation: Relation) -> None:
    assert degree(relation, (10, 10, 100, 200), (12, 10, 100, 195)) == 0


@pytest.mark.parametrize("relation", get_args(Relation))
@settings(max_examples=30, deadline=None)
@given(st.lists(SIDES, min_size=1, max_size=4), st.lists(SIDES, max_size=4))
def test_degrees_are_from_0_to_1_whatever_the_boxes(relation, heads, objects) -> None:
    boxes = [
        np.sort(np.array(sides, np.float32).reshape(-1, 2, 2), 1).reshape(-1, 4) for sides in (heads, objects)
    ]

    found = degrees(relation, *boxes)

    assert found.shape == (len(heads), len(objects))
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("relation", get_args(Relation))
def test_near_and_far_things_are_judged_alike(relation: Relation) -> None:
    boxes = np.random.default_rng(7).uniform(0, 100, (12, 2, 2)).astype(np.float32)
    boxes = np.sort(boxes, axis=1).reshape(-1, 4)

    near, far = degrees(relation, boxes, boxes), degrees(relation, boxes / 8 + 3, boxes / 8 + 3)

    np.testing.assert_allclose(near, far, atol=1e-3)
