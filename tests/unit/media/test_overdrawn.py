"""What nothing is drawn on stays as the camera wrote it; what is drawn has the colours standards give it."""

import numpy as np
import pytest
from av.video.frame import VideoFrame

from api_client.contract import VideoSpec
from api_client.media.frames.colour import ColourConverter
from api_client.media.frames.overdrawn import overdrawn
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


def planes_of(frame: VideoFrame) -> tuple[np.ndarray, np.ndarray]:
    planes = frame.to_ndarray()
    return planes[: frame.height], planes[frame.height :].reshape(2, frame.height // 2, frame.width // 2)


@pytest.mark.parametrize("size", [(96, 80), (854, 480), (130, 98), (1920, 1080)])
def test_only_what_is_drawn_is_written(size):
    frame, convert = camera_frame(*size), converter(*size)
    rgb = convert.rgb(frame)
    picture = rgb.copy()
    picture[10:14, 20:42] = (255, 0, 0)

    luma, chroma = planes_of(overdrawn(frame, rgb, picture, convert))

    expected_luma, expected_chroma = planes_of(frame)
    expected_luma[10:14, 20:42] = 63
    expected_chroma[:, 5:7, 10:21] = [[[102]], [[240]]]
    np.testing.assert_array_equal(luma, expected_luma)
    np.testing.assert_array_equal(chroma, expected_chroma)


def test_a_chroma_sample_is_the_mean_of_what_it_covers():
    frame = VideoFrame.from_ndarray(np.full((144, 128), 128, np.uint8), format="yuv420p")
    convert = converter(128, 96)
    rgb = convert.rgb(frame)
    picture = rgb.copy()
    picture[10:12, 20] = (255, 0, 0)

    _, chroma = planes_of(overdrawn(frame, rgb, picture, convert))

    assert chroma[:, 5, 10] == pytest.approx([(128 + 102) / 2, (128 + 240) / 2], abs=1)
    assert (np.delete(chroma.reshape(2, -1), 5 * 64 + 10, axis=1) == 128).all()


def test_a_frame_on_which_nothing_is_drawn_is_the_camera_s():
    frame, convert = camera_frame(64, 48), converter(64, 48)
    rgb = convert.rgb(frame)

    same, equal = overdrawn(frame, rgb, rgb, convert), overdrawn(frame, rgb, rgb.copy(), convert)

    np.testing.assert_array_equal(same.to_ndarray(), frame.to_ndarray())
    np.testing.assert_array_equal(equal.to_ndarray(), frame.to_ndarray())


def test_a_picture_that_is_drawn_on_everywhere_is_converted_whole():
    frame, convert = camera_frame(64, 48), converter(64, 48)
    rgb = convert.rgb(frame)
    black = np.zeros_like(rgb)

    luma, chroma = planes_of(overdrawn(frame, rgb, black, convert))

    assert (luma == 16).all()
    assert (chroma == 128).all()


@pytest.mark.parametrize(("rgb", "bt709", "bt601"), [(rgb, *yuv) for rgb, yuv in COLOUR_BARS.items()])
def test_colours_are_those_of_the_standards(rgb, bt709, bt601):
    block = np.full((1, 2, 2, 3), rgb, np.uint8)

    def converted(matrix: int) -> tuple[int, int, int]:
        equation = YuvEquation.of(matrix, is_full_range=False)
        u, v = equation.chroma(block)
        return int(equation.luma(block)[0, 0, 0]), int(u[0, 0, 0]), int(v[0, 0, 0])

    assert converted(1) == bt709
    assert converted(6) == bt601


def test_full_range_uses_all_values():
    equation = YuvEquation.of(1, is_full_range=True)
    pixels = np.array([[[[0, 0, 0], [255, 255, 255]]] * 2], np.uint8)

    assert equation.luma(pixels).ravel().tolist() == [0, 255, 0, 255]


@pytest.mark.parametrize(
    "changes",
    [{"orientation": 6}, {"color_transfer": 16}, {"width_px": 66}, {"colours_change": True}],
)
def test_turned_tone_mapped_and_scaled_frames_are_not_kept(changes):
    assert converter(64, 48).keeps(camera_frame(64, 48))
    assert not converter(64, 48, **changes).keeps(camera_frame(64, 48))
