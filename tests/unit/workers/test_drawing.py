"""Detections drawn into frames."""

import numpy as np
import pytest

from api_client.log.boxes import LoggedBox
from api_client.log.palette import colour_of
from api_client.media.frames.canvas import Canvas, RgbCanvas
from api_client.media.frames.decode import DrawableFrame
from workers.drawing import Boxes, Redaction

LABELS = ("person", "dog", "自転車", "a phrase " * 60)


def detections(
    *boxes, label_ids=None, scores=None, masks=None, tracker_id=None, interpolated=False
) -> list[LoggedBox]:
    labels = [LABELS[i] for i in label_ids or [0] * len(boxes)]
    scores = scores or np.linspace(0.9, 0.5, len(boxes)).tolist()
    return [
        LoggedBox(
            0, 0, 0.0, 0, label, score, *map(float, box), tracker_id, interpolated, None,
            None if masks is None else masks[row].tobytes(),
        )
        for row, (box, label, score) in enumerate(zip(boxes, labels, scores, strict=True))
    ]  # fmt: skip


def draw(frame: np.ndarray, found: list[LoggedBox], boxes: Boxes | None = None) -> np.ndarray:
    canvas = RgbCanvas(frame.copy())
    (boxes or Boxes())(drawable(canvas), found)
    return canvas.rgb


def drawable(canvas: Canvas) -> DrawableFrame:
    return DrawableFrame(frame_index=0, pts=0, canvas=canvas, readable=True)


def grey(width: int, height: int, level: int = 128) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return (before != after).any(axis=2)


def test_nothing_found_leaves_the_frame_as_it_was():
    frame = grey(320, 240)

    assert np.array_equal(draw(frame, []), frame)


def test_equal_arguments_give_equal_pixels():
    found = detections((40, 60, 200, 180), (10, 10, 90, 90), label_ids=[1, 2])

    first, second = (draw(grey(320, 240), found) for _ in range(2))

    assert np.array_equal(first, second)


def test_the_border_of_a_box_has_the_colour_of_its_class():
    drawn = draw(grey(320, 240), detections((40, 60, 200, 180), label_ids=[1]))

    assert tuple(drawn[179, 120]) == tuple(drawn[120, 40]) == tuple(drawn[120, 199]) == colour_of("dog")


def test_nothing_is_drawn_inside_a_box_without_mask_nor_far_from_it():
    frame = grey(640, 480)

    touched = changed(frame, draw(frame, detections((200, 200, 400, 400))))

    assert not touched[210:390, 210:390].any()
    assert not touched[:150].any()
    assert not touched[405:].any()
    assert not touched[:, :195].any()
    assert not touched[:, 405:].any()


def test_a_mask_is_translucent_and_stays_in_its_half_of_the_box():
    mask = np.zeros((1, 28, 28), np.uint8)
    mask[:, :, :14] = 255
    frame = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)

    drawn = draw(frame, detections((200, 200, 400, 400), masks=mask))

    covered = np.s_[210:390, 210:290]
    channels = [(frame[covered][..., c].ravel(), drawn[covered][..., c].ravel()) for c in range(3)]
    assert all(np.corrcoef(before, after)[0, 1] > 0.99 for before, after in channels)  # it shows through
    assert changed(frame, drawn)[covered].mean() > 0.9
    assert np.array_equal(frame[210:390, 310:390], drawn[210:390, 310:390])


def test_a_mask_is_drawn_without_touching_what_is_outside_its_box():
    frame = grey(640, 480)
    box = (600.4, 400.6, 700, 500)

    plain = draw(frame, detections(box))
    masked = draw(frame, detections(box, masks=np.full((1, 28, 28), 255, np.uint8)))

    rows, columns = np.nonzero(changed(plain, masked))
    assert rows.min() >= 400
    assert columns.min() >= 600


def test_the_tag_of_a_box_at_the_top_stays_inside_the_frame():
    frame = grey(640, 480)

    drawn = draw(frame, detections((100, 0, 300, 200)))

    assert (drawn[0:3, 105:140] == colour_of("person")).all()


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (16, 16), (160, 120), (1921, 1081), (7680, 4320)])
@pytest.mark.parametrize("with_masks", [True, False])
def test_every_size_of_frame_can_be_drawn_on(size, with_masks):
    width, height = size
    boxes = [(0, 0, width, height), (width / 3, height / 3, width / 2, height / 2), (-5, -5, 3, 3)]
    masks = np.full((3, 28, 28), 200, np.uint8) if with_masks else None

    drawn = draw(grey(width, height), detections(*boxes, label_ids=[3, 2, 1], masks=masks))

    assert drawn.shape == (height, width, 3)
    assert (drawn != 128).any()


def test_lines_and_text_grow_with_the_picture():
    def share_touched(scale: int) -> float:
        frame = grey(640 * scale, 360 * scale)
        box = tuple(scale * bound for bound in (100, 100, 400, 300))
        return float(changed(frame, draw(frame, detections(box))).mean())

    assert share_touched(6) == pytest.approx(share_touched(2), rel=0.3)


def test_a_box_of_no_size_or_outside_the_frame_does_no_harm():
    found = detections((50, 50, 50, 50), (-90, -90, -20, -20), (900, 900, 950, 950), (60, 70, 40, 30))

    assert draw(grey(320, 240), found).shape == (240, 320, 3)


def test_the_most_confident_is_on_top():
    found = detections((50, 50, 150, 150), (50, 50, 150, 150), label_ids=[1, 0], scores=[0.9, 0.3])

    drawn = draw(grey(320, 240), found)

    assert tuple(drawn[149, 100]) == colour_of("dog")


def test_a_track_has_its_own_shade_of_its_class_and_another_its_own():
    def side(tracker_id: int | None) -> tuple[int, ...]:
        drawn = draw(grey(320, 240), detections((40, 60, 200, 180), tracker_id=tracker_id))
        return tuple(drawn[120, 40].tolist())

    assert len({side(None), side(1), side(2), side(3)}) == 4


def test_what_is_interpolated_has_a_thinner_line():
    def touched(*, interpolated: bool) -> int:
        frame = grey(1280, 720)
        drawn = draw(frame, detections((300, 200, 900, 600), interpolated=interpolated))
        return int(changed(frame, drawn)[300:500, 300:320].sum())

    assert touched(interpolated=True) < touched(interpolated=False)


def test_a_tag_keeps_its_place_when_another_comes_near():
    boxes = Boxes()
    box = (100, 100, 300, 300)
    draw(grey(640, 480), detections(box, tracker_id=1), boxes)
    other = detections((104, 60, 180, 100), tracker_id=2, scores=[0.9])

    after = draw(grey(640, 480), [*other, *detections(box, tracker_id=1)], boxes)
    fresh = draw(grey(640, 480), [*other, *detections(box, tracker_id=1)], Boxes())

    tag_colour = colour_of("person", shade=1)
    above = np.s_[84:98, 102:150]
    assert (after[above] == tag_colour).all(axis=2).sum() >= (fresh[above] == tag_colour).all(axis=2).sum()


@pytest.mark.parametrize("style", ["blur", "pixelate", "cover"])
@pytest.mark.parametrize("side", [4, 8, 12, 40])
def test_boxes_of_every_size_are_hidden(style, side):
    frame = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    (box,) = detections((0, 0, side, side))
    redaction = Redaction(style, [box], margin_frames=2, hidden=lambda _: False)

    canvas = RgbCanvas(frame.copy())
    redaction(drawable(canvas), [])
    hidden = canvas.rgb

    inside = np.s_[:side, :side]
    assert np.abs(hidden[inside].astype(int) - frame[inside]).mean() > 25
