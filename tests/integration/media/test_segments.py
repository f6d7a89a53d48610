"""Annotated segments: the same bytes from every worker, and one video in the end."""

from fractions import Fraction

import av
import numpy as np
import pytest

from api_client.contract.source import VideoSpec
from api_client.errors import IntegrityError, MediaError
from api_client.media.assemble.remux import assemble
from api_client.media.frames.colour import ColourConverter
from api_client.media.frames.encode import SegmentWriter
from tests.integration.media.films import picture
from tests.support.presented import presented_seconds


def _spec(**changes) -> VideoSpec:
    fixed = {"codec": "h264", "width_px": 96, "height_px": 64, "time_base": (1, 30_000)}
    return VideoSpec(
        **{**fixed, "average_rate": (30_000, 1001), "frame_count": 20, "first_pts": 0, **changes}
    )


def _write(path, video, indices):
    with SegmentWriter(path, video) as writer:
        for index in indices:
            writer.write(picture(index, video.width_px, video.height_px), video.first_pts + 1001 * index)
    return path


def test_the_same_frames_give_the_same_bytes(tmp_path):
    first, second = (_write(tmp_path / name, _spec(), range(20)).read_bytes() for name in ("a.mp4", "b.mp4"))

    assert first == second


def test_nothing_half_written_has_the_final_name(tmp_path):
    path = tmp_path / "segment.mp4"

    with pytest.raises(KeyboardInterrupt):
        _write(path, _spec(), _interrupted_after(100))

    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MediaError, match="nowhere"), SegmentWriter(tmp_path / "nowhere" / "x.mp4", _spec()):
        pass


def test_colour_and_aspect_are_those_of_the_source(tmp_path):
    video = _spec(
        sample_aspect_ratio=(4, 3), color_primaries=9, color_transfer=14, color_space=9, color_range=2
    )
    path = _write(tmp_path / "segment.mp4", video, range(20))

    assemble([path], video, None, tmp_path / "out.mp4")

    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        assert stream.sample_aspect_ratio == Fraction(4, 3)
        assert (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range) == (9, 14, 9, 2)


@pytest.mark.parametrize("color_range", [0, 1, 2])
@pytest.mark.parametrize("color_space", [0, 1, 2, 6, 9])
def test_colours_survive_encoding(color_space, color_range, tmp_path):
    video = _spec(color_space=color_space, color_range=color_range, frame_count=1)
    patches = np.zeros((64, 96, 3), np.uint8)
    patches[:, :32], patches[:, 32:64], patches[:, 64:] = (200, 60, 40), (40, 180, 70), (60, 70, 190)
    with SegmentWriter(tmp_path / "segment.mp4", video) as writer:
        writer.write(patches, 0)

    with av.open(str(tmp_path / "segment.mp4")) as container:
        back = ColourConverter(video).rgb(next(container.decode(video=0)))

    centres = [(32, 16), (32, 48), (32, 80)]
    assert max(np.abs(back[at].astype(int) - patches[at]).max() for at in centres) <= 6


def test_odd_sizes_are_padded_at_the_right_and_the_bottom(tmp_path):
    video = _spec(width_px=97, height_px=65, frame_count=1)
    path = _write(tmp_path / "segment.mp4", video, range(1))

    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))

    assert (frame.width, frame.height) == (98, 66)


def test_segments_follow_each_other_at_exact_times(tmp_path):
    video = _spec(first_pts=90_000_017)
    segments = [_write(tmp_path / f"{i}.mp4", video, range(7 * i, min(7 * i + 7, 20))) for i in range(3)]

    notes = assemble(segments, video, None, tmp_path / "out.mp4")

    assert notes == []
    assert list(presented_seconds(tmp_path / "out.mp4")) == [Fraction(1001 * i, 30_000) for i in range(20)]


def test_segments_are_asked_for_one_at_a_time(tmp_path):
    video = _spec()

    def fetched():
        for i in range(4):
            path = _write(tmp_path / "current.mp4", video, range(5 * i, 5 * i + 5))
            yield path
            path.unlink()

    assemble(fetched(), video, None, tmp_path / "out.mp4")

    assert len(list(presented_seconds(tmp_path / "out.mp4"))) == 20


def test_a_segment_of_another_encoder_is_encoded_again(tmp_path):
    video = _spec()
    ours = _write(tmp_path / "ours.mp4", video, range(10))
    theirs = _foreign(tmp_path / "theirs.mp4", range(10, 20))

    notes = assemble([ours, theirs], video, None, tmp_path / "out.mp4")

    assert any("encoded again" in note for note in notes)
    assert list(presented_seconds(tmp_path / "out.mp4")) == [Fraction(1001 * i, 30_000) for i in range(20)]
    with av.open(str(tmp_path / "out.mp4")) as container:
        last = list(container.decode(video=0))[-1].to_ndarray(format="rgb24")
    assert np.abs(last.astype(int) - picture(19, 96, 64)).mean() < 12


def test_a_missing_segment_is_noticed_and_nothing_is_written(tmp_path):
    video = _spec()
    segment = _write(tmp_path / "segment.mp4", video, range(13))

    with pytest.raises(IntegrityError, match="13 frames, the video 20"):
        assemble([segment], video, None, tmp_path / "out.mp4")

    assert list(tmp_path.iterdir()) == [segment]


def test_segments_in_the_wrong_order_are_noticed(tmp_path):
    video = _spec()
    segments = [_write(tmp_path / f"{i}.mp4", video, range(10 * i, 10 * i + 10)) for i in (1, 0)]

    with pytest.raises(IntegrityError, match="does not come after"):
        assemble(segments, video, None, tmp_path / "out.mp4")


def test_nanoseconds_are_rounded_to_microseconds_and_said_so(tmp_path):
    video = _spec(time_base=(1, 1_000_000_000), frame_count=3)
    with SegmentWriter(tmp_path / "segment.mp4", video) as writer:
        for index in range(3):
            writer.write(picture(index, 96, 64), 33_366_667 * index)

    notes = assemble([tmp_path / "segment.mp4"], video, None, tmp_path / "out.mp4")

    assert len(notes) == 1
    times = list(presented_seconds(tmp_path / "out.mp4"))
    assert times == [0, Fraction(33_367, 1_000_000), Fraction(66_733, 1_000_000)]


def _interrupted_after(count):
    yield from range(count)
    raise KeyboardInterrupt


def _foreign(path, indices):
    with av.open(
        str(path), "w", options={"video_track_timescale": "30000", "movie_timescale": "30000"}
    ) as file:
        stream = file.add_stream("libx264", rate=30, options={"x264-params": "ref=5:bframes=0:cabac=0"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 30_000)
        for index in indices:
            frame = av.VideoFrame.from_ndarray(picture(index, 96, 64), format="rgb24")
            frame.pts, frame.time_base = 1001 * index, Fraction(1, 30_000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path
