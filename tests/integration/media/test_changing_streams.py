"""Streams whose parameters change, and containers that say the wrong things about them."""

import re
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from api_client.contract.source import VideoSpec
from api_client.media.assemble.side_streams import copy_side_streams
from api_client.media.frames.colour import ColourConverter
from api_client.media.source.probe import probe
from tests.integration.media.films import FRAMES, Film, picture, x264, x265
from tests.integration.media.round_trip import picture_hash, plain_decode, round_trip
from tests.integration.media.test_awkward_inputs import _set_track_matrix


def _spliced(films: list[Path], path: Path) -> Path:
    """The packets of all films one after the other, under the first one's parameters."""
    at = 0
    with av.open(str(path), "w") as file:
        stream = None
        for film in films:
            with av.open(str(film)) as source:
                template = source.streams.video[0]
                stream = stream or file.add_stream_from_template(template, opaque=True)
                for packet in source.demux(template):
                    if packet.size:
                        packet.stream, packet.time_base = stream, Fraction(1, 1000)
                        packet.pts = packet.dts = at
                        at += 40
                        file.mux(packet)
    return path


def test_a_second_sequence_header_holds_from_where_it_stands(tmp_path):
    films = [
        Film(codec="libx264", suffix=".flv", options=x264(**options)).write(tmp_path / str(number))
        for number, options in enumerate(({"cabac": 1}, {"cabac": 0, "ref": 3}))
    ]
    path = tmp_path / "stream.flv"
    first, second = (film.read_bytes() for film in films)
    path.write_bytes(first + _later(second[13:], FRAMES * 40))

    trip = round_trip(path, tmp_path)

    assert trip.source.extradata
    assert not any(chunk.is_encoded_again for chunk in trip.chunks)
    assert [d for _, d in trip.frames] == [d for f in films for _, d in plain_decode(f, probe(f))]


def _later(tags: bytes, milliseconds: int) -> bytes:
    """FLV tags with other timestamps: 24 bits, and 8 more above them."""
    data, at = bytearray(tags), 0
    while at + 11 <= len(data):
        time = int.from_bytes(data[at + 4 : at + 7], "big") + milliseconds
        data[at + 4 : at + 7] = time.to_bytes(3, "big")
        at += 15 + int.from_bytes(data[at + 1 : at + 4], "big")
    return bytes(data)


@pytest.mark.parametrize("are_repeated", [True, False])
def test_parameter_sets_may_change_under_the_same_name(are_repeated, tmp_path):
    films = [
        Film(codec="libx264", suffix=".h264", options=x264(**options)).write(tmp_path / str(number))
        for number, options in enumerate(({"cabac": 0}, {"cabac": 1, "ref": 3}))
    ]
    path = tmp_path / "spliced.h264"
    path.write_bytes(b"".join(_headers(film.read_bytes(), are_repeated) for film in films))

    trip = round_trip(path, tmp_path)

    assert trip.source.is_suspicious
    assert trip.unreadable == []
    assert [d for _, d in trip.frames] == [d for f in films for _, d in plain_decode(f, probe(f))]
    assert any(chunk.is_encoded_again for chunk in trip.chunks) is not are_repeated


def _headers(stream: bytes, are_repeated: bool) -> bytes:
    """A stream whose parameter sets come with every keyframe, or with its first alone."""
    units, kept = re.split(b"(?=\0\0\1)", stream), set()
    if are_repeated:
        return stream
    return b"".join(u for u in units if len(u) < 4 or u[3] & 31 not in (7, 8) or not _seen(u[3], kept))


def _seen(kind: int, kept: set[int]) -> bool:
    was_there = kind in kept
    kept.add(kind)
    return was_there


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_a_picture_that_grows_is_scaled_into_the_largest(codec, tmp_path):
    small = Film(codec=codec, suffix=".webm", width=48, height=32).write(tmp_path / "small")
    large = Film(codec=codec, suffix=".webm").write(tmp_path / "large")
    path = _spliced([small, large], tmp_path / "ramp.mkv")

    trip = round_trip(path, tmp_path)

    assert (trip.source.video.width_px, trip.source.video.height_px) == (96, 64)
    assert any("size of the picture changes (48x32, 96x64)" in note for note in trip.source.notes)
    assert [d for _, d in trip.frames[FRAMES:]] == [d for _, d in plain_decode(large, probe(large))]
    assert trip.unreadable == []


def test_a_picture_of_another_shape_is_centred_on_black():
    frame = av.VideoFrame.from_ndarray(np.full((64, 32, 3), 200, np.uint8), format="rgb24")
    video = VideoSpec(
        codec="vp8",
        width_px=96,
        height_px=64,
        time_base=(1, 25),
        average_rate=(25, 1),
        frame_count=1,
        first_pts=0,
    )

    rgb = ColourConverter(video, quick=True).rgb(frame)

    assert rgb.shape == (64, 96, 3)
    assert (rgb[:, 32:64] > 100).all()
    assert not rgb[:, :32].any()
    assert not rgb[:, 64:].any()


_EVERY_CODEC = {
    "h264": Film(codec="libx264", suffix=".mp4", options=x264(bframes=2)),
    "hevc": Film(codec="libx265", suffix=".mp4", options=x265()),
    "mpeg4": Film(codec="mpeg4", suffix=".mp4", b_frames=2),
    "mpeg2": Film(codec="mpeg2video", suffix=".mp4", b_frames=2),
    "vp9": Film(codec="libvpx-vp9", suffix=".mp4"),
    "av1": Film(codec="libsvtav1", suffix=".mp4", options={"preset": "12"}, frames=24),
    "h263": Film(codec="h263", suffix=".mov", width=128, height=96),
}


@pytest.mark.parametrize("name", _EVERY_CODEC)
def test_without_a_table_of_keyframes_every_frame_is_right(name, tmp_path):
    path = _EVERY_CODEC[name].write(tmp_path)
    data = path.read_bytes()
    assert b"stss" in data
    path.write_bytes(data.replace(b"stss", b"free"))

    trip = round_trip(path, tmp_path, chunk_frames=7)

    assert trip.unreadable == []
    assert trip.frames == plain_decode(path, trip.source)


@pytest.mark.parametrize(
    ("matrix", "flipped"),
    [
        ([-1, 0, 0, 1], lambda p: p[:, ::-1]),
        ([1, 0, 0, -1], lambda p: p[::-1]),
        ([0, 1, 1, 0], lambda p: p.transpose(1, 0, 2)),
    ],
)
def test_a_mirrored_film_is_shown_as_players_show_it(matrix, flipped, tmp_path):
    path = Film(codec="png", suffix=".mov", pix_fmt="rgb24", rotation=180).write(tmp_path)
    _set_track_matrix(path, matrix)

    trip = round_trip(path, tmp_path)

    expected = np.ascontiguousarray(flipped(picture(0, 96, 64)))
    assert trip.frames[0][1] == picture_hash(expected)


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv"])
def test_a_size_field_that_is_too_large_truncates_nothing(suffix, tmp_path):
    path = Film(codec="mpeg4", suffix=suffix).write(tmp_path)
    whole = plain_decode(path, probe(path))
    _claim_more(path, 8)

    trip = round_trip(path, tmp_path)

    assert trip.frames == whole


def _claim_more(path: Path, extra: int) -> None:
    data = bytearray(path.read_bytes())
    if path.suffix == ".mp4":  # the last box
        at = data.rindex(b"moov") - 4
        struct.pack_into(">I", data, at, len(data) - at + extra)
    elif path.suffix == ".avi":
        struct.pack_into("<I", data, 4, len(data) - 8 + extra)
    else:
        at = data.index(b"\x18\x53\x80\x67") + 4
        size = int.from_bytes(data[at + 1 : at + 8], "big") + extra
        data[at + 1 : at + 8] = size.to_bytes(7, "big")
    path.write_bytes(data)


def test_sound_that_is_declared_and_never_comes_is_left_out_with_a_note(tmp_path):
    path = tmp_path / "silent.mkv"
    film = Film(codec="libx264", suffix=".mkv", options=x264(), audio=[("aac", 48_000)]).write(tmp_path)
    with av.open(str(film)) as source, av.open(str(path), "w") as file:
        copies = {s.index: file.add_stream_from_template(s, opaque=True) for s in source.streams}
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = copies[0]
                file.mux(packet)

    trip = round_trip(path, tmp_path)

    assert len(trip.frames) == FRAMES
    assert copy_side_streams(trip.source, tmp_path).left_out == (
        "audio stream 1 (aac) is declared and never comes: it is left out of the annotated video",
    )


def test_another_video_stream_is_named_and_can_be_asked_for(tmp_path):
    path = tmp_path / "two.mp4"
    films = [
        Film(codec="libx264", suffix=".mp4", options=x264(), width=width).write(tmp_path / str(width))
        for width in (96, 48)
    ]
    with av.open(str(path), "w") as file, av.open(str(films[0])) as a, av.open(str(films[1])) as b:
        streams = [file.add_stream_from_template(s.streams.video[0], opaque=True) for s in (a, b)]
        for source, stream in zip((a, b), streams, strict=True):
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    file.mux(packet)

    first, second = probe(path), probe(path, stream=1)

    assert first.video.width_px == 96
    assert second.video.width_px == 48
    assert any(re.search(r"video stream 1 .*--stream 1", note) for note in first.notes)
