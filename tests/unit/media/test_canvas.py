"""What nothing is drawn on stays as the camera wrote it; what is drawn has the colours standards give it."""

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from api_client.contract import VideoSpec
from api_client.media.frames.canvas import RgbCanvas, YuvCanvas, canvas_of
from api_client.media.frames.colour import ColourConverter
from api_client.media.frames.yuv import YuvEquation

COLOUR_BARS = {
    (255, 255, 255): ((235, 128, 128), (235, 128, 128)),
    (255, 255, 0): ((219, 16, 138), (210, 16, 146)),
    (0, 255, 255): ((188, 154, 16), (170, 166, 16)),
    (0, 255, 0): ((173, 42, 26), (145, 54, 34)),
    (255, 0, 255): ((78, 214, 230), (106, 202, 222)),
    (255, 0, 0): ((63, 102, 240), (81, 90, 240)),
    (0, 0, 255): ((32, 240, 118), (41, 240, 110)),
    (0, 0, 0): ((16, 128, 128), (16, 128, 128)),
}
"""RGB → Y, U, V of the colour bars of ITU-R BT.709 and BT.601, in limited range."""


def converter(width: int, height: int, **changes) -> ColourConverter:
    return ColourConverter(video(width, height, **changes), quick=True)


def video(width: int, height: int, **changes) -> VideoSpec:
    spec = VideoSpec(
        codec="h264", width_px=width, height_px=height, time_base=(1, 25), average_rate=(25, 1),
        frame_count=1, first_pts=0, color_space=1, color_range=1,
    )  # fmt: skip
    return spec.model_copy(update=changes)


def camera_frame(width: int, height: int) -> VideoFrame:
    """Noise, with values that no RGB has among them."""
    planes = np.random.default_rng(7).integers(0, 256, (height * 3 // 2, width), dtype=np.uint8)
    return VideoFrame.from_ndarray(planes, format="yuv420p")


@pytest.mark.parametrize("size", [(96, 80), (854, 480), (130, 98), (1920, 1080), (2, 2)])
def test_a_frame_on_which_nothing_is_drawn_is_the_camera_s(size):
    frame, convert = camera_frame(*size), converter(*size)

    encoded = canvas_of(frame, convert).yuv420p(convert, None)

    np.testing.assert_array_equal(encoded.to_ndarray(), frame.to_ndarray())


def test_a_frame_that_is_stored_from_the_bottom_up_is_upright():
    frame, convert = camera_frame(130, 98), converter(130, 98)
    flip = av.filter.Graph()
    flip.link_nodes(
        flip.add_buffer(width=130, height=98, format="yuv420p", time_base=Fraction(1, 25)),
        flip.add("vflip"),
        flip.add("buffersink"),
    ).configure()
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    flip.push(frame)
    flipped = flip.pull()
    assert flipped.planes[0].line_size < 0

    encoded = canvas_of(flipped, convert).yuv420p(convert, None)

    luma, chroma = planes_of(encoded)
    upright_luma, upright_chroma = planes_of(frame)
    np.testing.assert_array_equal(luma, upright_luma[::-1])
    np.testing.assert_array_equal(chroma, upright_chroma[:, ::-1])


def planes_of(frame: VideoFrame) -> tuple[np.ndarray, np.ndarray]:
    planes = frame.to_ndarray()
    return planes[: frame.height], planes[frame.height :].reshape(2, frame.height // 2, frame.width // 2)


def test_what_is_written_to_the_planes_is_encoded_and_the_decoder_s_frame_stays():
    frame, convert = camera_frame(130, 98), converter(130, 98)
    before = frame.to_ndarray()
    canvas = canvas_of(frame, convert)

    for number, plane in enumerate(canvas.planes):
        plane.samples[-1, -1] = 7 + number
    encoded = canvas.yuv420p(convert, None).to_ndarray()

    expected = before.copy()
    expected[97, 129] = 7
    expected[98:].reshape(2, 49, 65)[:, 48, 64] = (8, 9)
    np.testing.assert_array_equal(encoded, expected)
    np.testing.assert_array_equal(frame.to_ndarray(), before)


def test_a_canvas_larger_than_encoders_take_is_scaled():
    frame, convert = camera_frame(64, 48), converter(64, 48)

    encoded = canvas_of(frame, convert).yuv420p(convert, (32, 24))

    assert (encoded.width, encoded.height, encoded.format.name) == (32, 24, "yuv420p")


@pytest.mark.parametrize(("rgb", "bt709", "bt601"), [(rgb, *yuv) for rgb, yuv in COLOUR_BARS.items()])
def test_colours_are_those_of_the_standards(rgb, bt709, bt601):
    frame = camera_frame(64, 48)

    def inks(matrix: int) -> tuple[int, ...]:
        canvas = canvas_of(frame, converter(64, 48, color_space=matrix))
        return tuple(plane.ink(rgb) for plane in canvas.planes)

    assert inks(1) == bt709
    assert inks(6) == bt601


def test_full_range_uses_all_values():
    equation = YuvEquation.of(1, is_full_range=True)

    assert [equation.yuv((value, value, value)) for value in (0, 255)] == [(0, 128, 128), (255, 128, 128)]


@pytest.mark.parametrize(
    "changes",
    [{"orientation": 6}, {"color_transfer": 16}, {"width_px": 66}, {"colours_change": True}],
)
def test_turned_tone_mapped_and_scaled_frames_are_drawn_on_in_rgb(changes):
    frame = camera_frame(64, 48)

    assert isinstance(canvas_of(frame, converter(64, 48)), YuvCanvas)
    assert isinstance(canvas_of(frame, converter(64, 48, **changes)), RgbCanvas)


def test_pixels_that_nobody_may_write_to_are_copied():
    rgb = np.zeros((48, 64, 3), np.uint8)
    rgb.flags.writeable = False

    RgbCanvas(rgb).planes[0].samples[:] = 9

    assert (rgb == 0).all()
