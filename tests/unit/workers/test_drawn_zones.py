"""Zones and lines over a picture."""

import numpy as np

from api_client.log.palette import colour_of
from api_client.media.frames.canvas import RgbCanvas
from api_client.media.frames.decode import DrawableFrame
from api_client.zones.asked import Shapes, shapes_of
from workers.drawing import WithZones, plain


def drawn(*zones: str, lines: tuple[str, ...] = (), size: tuple[int, int] = (160, 96)) -> np.ndarray:
    shapes = shapes_of(zones, lines)
    rgb = np.full((size[1], size[0], 3), 128, np.uint8)
    return (with_shapes(rgb, shapes) != 128).any(axis=2)


def with_shapes(rgb: np.ndarray, shapes: Shapes) -> np.ndarray:
    canvas = RgbCanvas(rgb)
    frame = DrawableFrame(frame_index=0, pts=0, canvas=canvas, readable=True)
    WithZones(plain, shapes.zones, shapes.lines)(frame, [])
    return canvas.rgb


def test_a_zone_is_tinted_inside_alone() -> None:
    changed = drawn("door=40,30,120,80")

    assert changed[32:78, 42:118].all()
    assert not changed[:26].any()
    assert not changed[:, 126:].any()


def test_the_arrow_of_a_line_points_to_its_right() -> None:
    upwards = drawn(lines=("in=80,90,80,10",))

    right, left = upwards[30:70, 84:].sum(), upwards[30:70, :76].sum()
    assert right > 3 * max(left, 1)


def test_the_outline_has_the_colour_of_the_name() -> None:
    shapes = shapes_of(["door=40,30,120,80"])

    picture = with_shapes(np.zeros((96, 160, 3), np.uint8), shapes)

    assert np.abs(picture[80, 80].astype(int) - colour_of("zone door")).max() < 32  # drawn smoothly


def test_what_reaches_far_out_of_the_picture_is_cut_off() -> None:
    assert drawn("all=-900000,-900000,900000,900000", lines=("far=-900000,5,900000,5",)).all()
