"""Where tags go."""

import numpy as np

from workers.drawing.tag_layout import Box, place_tags


def tags_at(*arguments: object) -> list[Box]:
    return [tag for _, tag in place_tags(*arguments)]  # type: ignore[arg-type]  # passed on as they come


def overlap(one, other) -> int:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, width) * max(0, height)


def test_a_tag_sits_on_its_box():
    assert tags_at([(100, 100, 200, 200)], [(60, 20)], (640, 480)) == [(100, 80, 160, 100)]


def test_without_room_above_it_moves_down_into_the_picture():
    assert tags_at([(100, 5, 200, 200)], [(60, 20)], (640, 480)) == [(100, 0, 160, 20)]


def test_tags_of_one_and_the_same_box_do_not_cover_each_other():
    tags = tags_at([(100, 100, 300, 300)] * 6, [(60, 20)] * 6, (640, 480))

    assert sum(overlap(a, b) for i, a in enumerate(tags) for b in tags[:i]) == 0


def test_every_tag_is_inside_the_picture():
    rng = np.random.default_rng(0)
    boxes = [tuple(box) for box in rng.integers(-50, 700, (40, 4)).tolist()]

    tags = tags_at(boxes, [(80, 20)] * 40, (640, 480))

    assert all(
        x_min >= 0 and x_max <= 640 and y_min >= 0 and y_max <= 480 for x_min, y_min, x_max, y_max in tags
    )


def test_a_tag_larger_than_the_picture_starts_at_its_corner():
    assert tags_at([(2, 2, 8, 8)], [(60, 20)], (16, 16))[0][:2] == (0, 0)


def test_no_tags():
    assert tags_at([], [], (640, 480)) == []


def test_a_tag_keeps_the_place_it_had_where_it_is_still_good() -> None:
    (place, _), *_ = place_tags([(100, 100, 300, 300)], [(60, 20)], (640, 480), [4])

    assert place == 4
