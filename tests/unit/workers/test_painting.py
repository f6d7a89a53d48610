"""The same strokes on a decoded frame's planes as on RGB, where the two can be compared."""

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from api_client.log.boxes import LoggedBox
from api_client.log.palette import colour_of
from api_client.media.frames.canvas import Canvas, RgbCanvas, canvas_of
from api_client.media.frames.decode import DrawableFrame
from api_client.zones.asked import shapes_of
from tests.unit.media.test_canvas import converter
from workers.drawing import Boxes, Redaction, Style, Trails, WithZones, plain
from workers.drawing.painting import change, draw_line, fill, stamp, tint, tint_where

SIZE_PX = (160, 96)
RED, DARK = (255, 0, 0), (18, 18, 18)
GREY = 126
"""Of RGB and of luma in BT.709, to the nearest number."""


def box(x_min: float, y_min: float, x_max: float, y_max: float, *, frame: int = 0, **changes) -> LoggedBox:
    logged = LoggedBox(frame, 0, 0.0, 0, "dog", 0.9, x_min, y_min, x_max, y_max, 7, False, None, None)
    return logged._replace(**changes)


def grey_canvases() -> tuple[RgbCanvas, Canvas]:
    width, height = SIZE_PX
    frame = VideoFrame.from_ndarray(np.full((height * 3 // 2, width), 128, np.uint8), format="yuv420p")
    frame.planes[0].update(bytes([GREY - 2]) * (frame.planes[0].line_size * height))
    convert = converter(*SIZE_PX)
    return RgbCanvas(convert.rgb(frame)), canvas_of(frame, convert)


def drawn_twice(style: Style, boxes: list[LoggedBox]) -> tuple[np.ndarray, np.ndarray]:
    """The same in RGB, and in planes that were converted to RGB afterwards, (H, W, 3)."""
    convert = converter(*SIZE_PX)
    rgb, yuv = grey_canvases()
    for canvas in (rgb, yuv):
        style(DrawableFrame(frame_index=0, pts=0, canvas=canvas, readable=True), boxes)
    return rgb.rgb.astype(np.int16), convert.rgb(yuv.yuv420p(convert, None)).astype(np.int16)


MASK = (np.hypot(*np.mgrid[-1:1:28j, -1:1:28j]) < 0.9).astype(np.uint8).tobytes()
DOOR = shapes_of(["door=11,13,120,81"], ["in=5,90,150,7"])
TRAIL = [box(10 + 8 * i, 20, 30 + 8 * i, 50, frame=i - 8) for i in range(9)]


@pytest.mark.parametrize(
    ("style", "boxes"),
    [
        (Boxes(), [box(21, 33, 96, 81)]),
        (Boxes(), [box(20, 30, 60, 62), box(33, 11, 159.7, 96, interpolated=True)]),
        (Boxes(), [box(20, 10, 100, 90, mask=MASK)]),
        (Boxes(trails=Trails(TRAIL, frames=12)), []),
        (WithZones(plain, DOOR.zones, DOOR.lines), []),
        (Redaction("cover", [box(40, 20, 80, 60)], margin_frames=0, hidden=lambda _: False), []),
    ],
)  # fmt: skip
def test_planes_show_what_rgb_shows(style, boxes):
    in_rgb, in_planes = drawn_twice(style, boxes)

    far = np.abs(in_rgb - in_planes).max(axis=2) > 12
    # chroma is of two by two pixels: beside an edge a pixel may have its neighbour's colour
    around = np.ones((5, 5), np.uint8)
    edges = (cv2.dilate(in_rgb, around) - cv2.erode(in_rgb, around)).max(axis=2) > 12
    assert not (far & ~edges).any()
    assert far.mean() < 0.15


def test_a_sample_of_chroma_belongs_to_a_box_as_soon_as_one_of_its_pixels_does():
    _, canvas = grey_canvases()

    fill(canvas, (21, 10, 22, 14), RED)

    luma, u, v = (plane.samples for plane in canvas.planes)
    assert (luma[10:14, 21] == 63).all()
    assert (luma != GREY - 2).sum() == 4
    assert (u[5:7, 10] == 102).all()
    assert (v[5:7, 10] == 240).all()
    assert (u != 128).sum() == (v != 128).sum() == 2


@pytest.mark.parametrize("stroke", ["fill", "tint", "tint_where", "change", "stamp", "line"])
def test_nothing_is_drawn_outside_the_box(stroke):
    _, canvas = grey_canvases()
    area = (32, 24, 64, 48)
    coverage = np.full((24, 32), 255, np.uint8)
    {
        "fill": lambda: fill(canvas, area, RED),
        "tint": lambda: tint(canvas, area, RED, 0.5),
        "tint_where": lambda: tint_where(canvas, area, coverage, RED, 0.5),
        "change": lambda: change(canvas, area, np.bitwise_not),
        "stamp": lambda: stamp(canvas, area, coverage, DARK, RED),
        "line": lambda: draw_line(canvas, np.array([[36, 30], [60, 40]]), RED, 3),
    }[stroke]()

    for plane, before in zip(canvas.planes, (GREY - 2, 128, 128), strict=True):
        inside = np.s_[24 // plane.step : 48 // plane.step, 32 // plane.step : 64 // plane.step]
        assert (plane.samples[inside] != before).any()
        outside = np.ones(plane.samples.shape, bool)
        outside[inside] = False
        assert (plane.samples[outside] == before).all()


def test_letters_are_between_two_colours():
    rgb, _ = grey_canvases()
    coverage = np.array([[0, 128, 255]], np.uint8)

    stamp(rgb, (10, 10, 13, 11), coverage, (0, 0, 0), (255, 101, 1))

    assert rgb.rgb[10, 10:13].tolist() == [[0, 0, 0], [128, 51, 1], [255, 101, 1]]


@pytest.mark.parametrize("style", ["blur", "pixelate", "cover"])
def test_of_what_is_hidden_no_plane_keeps_a_sample(style):
    width, height = SIZE_PX
    planes = np.random.default_rng(3).integers(0, 256, (height * 3 // 2, width), dtype=np.uint8)
    frame, convert = VideoFrame.from_ndarray(planes, format="yuv420p"), converter(*SIZE_PX)
    canvas = canvas_of(frame, convert)
    before = [plane.samples.astype(int) for plane in canvas.planes]

    redaction = Redaction(style, [box(41, 21, 99, 79)], margin_frames=0, hidden=lambda _: False)
    redaction(DrawableFrame(frame_index=0, pts=0, canvas=canvas, readable=True), [])

    for plane, kept in zip(canvas.planes, before, strict=True):
        inside = np.s_[21 // plane.step : 80 // plane.step, 41 // plane.step : 100 // plane.step]
        if style != "cover":
            correlation = np.corrcoef(plane.samples[inside].ravel(), kept[inside].ravel())[0, 1]
            assert abs(correlation) < 0.35
        assert np.abs(plane.samples[inside] - kept[inside]).mean() > 25


def test_the_colour_of_a_class_is_the_one_of_the_palette():
    _, canvas = grey_canvases()

    Boxes()(DrawableFrame(frame_index=0, pts=0, canvas=canvas, readable=True), [box(40, 40, 100, 90)])

    expected = [plane.ink(colour_of("dog", shade=7)) for plane in canvas.planes]
    drawn = [int(plane.samples[70 // plane.step, 40 // plane.step]) for plane in canvas.planes]
    assert drawn == expected
