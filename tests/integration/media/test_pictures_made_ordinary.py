"""Fields, wide pictures and high dynamic range become what detectors and players know."""

from fractions import Fraction

import av
import numpy as np
import pytest

from api_client.contract.source import VideoSpec
from api_client.media.frames.colour import ColourConverter
from api_client.media.frames.encode import SegmentWriter
from api_client.media.frames.tone import PQ, ToneMapper
from api_client.media.source.probe import probe
from tests.integration.media.films import Film, x264
from tests.integration.media.round_trip import plain_decode, round_trip

_INTERLACED = Film(codec="libx264", suffix=".mp4", options=x264(tff=1), frames=24)


def _spec(width_px: int, height_px: int, **changes: int) -> VideoSpec:
    size = {"width_px": width_px, "height_px": height_px}
    plain = VideoSpec(
        codec="h264", **size, time_base=(1, 25), average_rate=(25, 1), frame_count=1, first_pts=0
    )
    return plain.model_copy(update=changes)


def test_an_interlaced_film_is_deinterlaced_and_keeps_its_frames_and_times(tmp_path):
    path = _INTERLACED.write(tmp_path)

    trip = round_trip(path, tmp_path)

    plain = plain_decode(path, trip.source)
    assert trip.source.video.is_deinterlaced
    assert any("interlaced" in note for note in trip.source.notes)
    assert [pts for pts, _ in trip.frames] == [pts for pts, _ in plain]
    assert trip.unreadable == []
    assert trip.output_seconds == [Fraction(i, 25) for i in range(24)]
    assert [d for _, d in trip.frames] != [d for _, d in plain]


def test_an_interlaced_film_is_left_as_it_is_where_that_is_wanted(tmp_path):
    source = probe(_INTERLACED.write(tmp_path), deinterlace=False)

    assert not source.video.is_deinterlaced
    assert any("left as it is" in note for note in source.notes)


def test_a_picture_wider_than_the_encoder_takes_is_scaled_for_display_alone(tmp_path):
    video = _spec(20_000, 40)
    with SegmentWriter(tmp_path / "wide.mp4", video) as writer:
        writer.write(np.full((40, 20_000, 3), 90, np.uint8), 0)

    with av.open(str(tmp_path / "wide.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (16_384, 34)


@pytest.mark.parametrize(("nits", "expected"), [(0, 0), (100, 0.49), (203, 0.85), (10_000, 1)])
def test_light_is_rolled_off_above_reference_white(nits, expected):
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (nits / 10_000) ** m1
    signal = ((c1 + c2 * power) / (1 + c3 * power)) ** m2
    grey = np.full((2, 2, 3), round(signal * 65_535), np.uint16)

    shown = ToneMapper(PQ, is_wide=True).mapped(grey)[0, 0] / 255

    light = np.where(shown < 0.081, shown / 4.5, ((shown + 0.099) / 1.099) ** (1 / 0.45))
    assert light == pytest.approx(expected, abs=0.02)


def test_high_dynamic_range_is_annotated_as_bt709(tmp_path):
    video = _spec(64, 48, color_transfer=PQ, color_primaries=9, color_space=9, color_range=1)
    frame = av.VideoFrame(64, 48, "yuv420p10le")
    for plane, value in zip(frame.planes, (520, 512, 512), strict=True):
        plane.update(np.full(plane.buffer_size // 2, value, np.uint16).tobytes())

    with SegmentWriter(tmp_path / "hdr.mp4", video) as writer:
        writer.write(ColourConverter(video).rgb(frame), 0)

    with av.open(str(tmp_path / "hdr.mp4")) as container:
        shown = next(container.decode(video=0))
        assert (shown.color_primaries, shown.color_trc, shown.colorspace) == (1, 1, 1)
