"""Regions to things."""

import numpy as np

from api_client.log.regions.linking import LONGEST_GAP_FRAMES, ThingLinker
from tests.unit.regions.indexes import box


def link(linker: ThingLinker, *boxes: list[float]) -> list[int]:
    return linker.add(np.array(boxes, np.float32).reshape(-1, 4)).tolist()


def test_what_hardly_moves_is_the_same_thing_whatever_the_order_of_boxes():
    linker = ThingLinker()

    assert link(linker, box(0), box(200)) == [0, 1]
    assert link(linker, box(203), box(4)) == [1, 0]
    assert link(linker, box(8), box(100)) == [0, 2]


def test_a_thing_missed_for_a_moment_goes_on():
    linker = ThingLinker()
    link(linker, box(0))

    for _ in range(LONGEST_GAP_FRAMES):
        assert link(linker) == []

    assert link(linker, box(3)) == [0]


def test_a_thing_missed_for_longer_has_ended():
    linker = ThingLinker()
    link(linker, box(0))

    for _ in range(LONGEST_GAP_FRAMES + 1):
        link(linker)

    assert link(linker, box(0)) == [1]


def test_two_boxes_never_become_one_thing():
    linker = ThingLinker()
    link(linker, box(0))

    assert sorted(link(linker, box(2), box(1))) == [0, 1]
