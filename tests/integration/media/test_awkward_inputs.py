"""Inputs whose packets do not tell the truth by themselves."""

import re
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from api_client.media.frames.colour import ColourConverter
from api_client.media.frames.decode import decode_chunk
from api_client.media.parts.plan import plan
from api_client.media.parts.split import split
from api_client.media.source.probe import SourceVideo, probe
from api_client.verify.decoded import film
from tests.integration.media.edit_lists import set_edits
from tests.integration.media.films import FRAMES, Film, picture, x264, x265
from tests.integration.media.round_trip import Frame, picture_hash, plain_decode, round_trip, since_first

_OPEN = x264(open_gop=1, bframes=3, b_pyramid="normal")
_FRAME = 512
"""Units of time between frames in an mp4 of 25 frames per second, as FFmpeg writes it."""
_DELAY = 2 * _FRAME
"""With B-frames, the first frame's time in the track."""


@pytest.mark.parametrize("edit", [(1200, _DELAY + 13 * _FRAME), (1320, _DELAY), (1000, _DELAY + 7 * _FRAME)])
def test_an_edit_list_that_begins_or_ends_inside_a_group_of_pictures(edit, tmp_path):
    path = Film(codec="libx264", suffix=".mp4", options=_OPEN).write(tmp_path)
    set_edits(path, [edit])

    trip = round_trip(path, tmp_path)

    assert trip.source.table.is_discard.any()
    assert trip.source.notes == ()
    assert len(trip.frames) < FRAMES
    assert trip.frames == plain_decode(path, trip.source)
    assert len(trip.output_seconds) == len(trip.frames)


def test_an_edit_list_of_two_pieces_where_hidden_and_shown_frames_share_timestamps(tmp_path):
    path = Film(codec="libx264", suffix=".mp4", options=_OPEN).write(tmp_path)
    set_edits(path, [(480, _DELAY), (800, _DELAY + 25 * _FRAME)])

    trip = round_trip(path, tmp_path)

    assert trip.source.table.is_discard.any()
    assert trip.frames == plain_decode(path, trip.source)
    assert len(trip.output_seconds) == len(trip.frames)


def test_h264_in_avi_whose_timestamps_are_in_decoding_order(tmp_path):
    path = Film(codec="libx264", suffix=".avi", options=_OPEN).write(tmp_path)

    trip = round_trip(path, tmp_path)

    assert any("rebuilt" in note for note in trip.source.notes)
    assert [digest for _, digest in trip.frames] == [d for _, d in plain_decode(path, trip.source)]
    assert since_first(trip.output_seconds) == [Fraction(i, 25) for i in range(FRAMES)]


def test_h264_in_asf_which_times_decoding_alone(tmp_path):
    path = Film(codec="libx264", suffix=".asf", options=_OPEN).write(tmp_path)

    trip = round_trip(path, tmp_path)

    assert trip.source.notes == ()
    assert [digest for _, digest in trip.frames] == [d for _, d in plain_decode(path, trip.source)]
    assert since_first(trip.output_seconds) == [Fraction(i, 25) for i in range(FRAMES)]


@pytest.mark.parametrize(("codec", "suffix"), [("libx264", ".h264"), ("libx265", ".hevc"), ("mpeg4", ".m4v")])
def test_a_bare_stream_without_any_timestamps(codec, suffix, tmp_path):
    options = {"libx264": _OPEN, "libx265": x265(open_gop=1), "mpeg4": {}}[codec]
    path = Film(codec=codec, suffix=suffix, options=options, b_frames=2).write(tmp_path)

    trip = round_trip(path, tmp_path)

    assert trip.unreadable == []
    assert [digest for _, digest in trip.frames] == [d for _, d in plain_decode(path, trip.source)]
    assert since_first(trip.output_seconds) == [Fraction(i, 25) for i in range(FRAMES)]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg2video"])
def test_a_recording_that_begins_inside_a_group_of_pictures(codec, tmp_path):
    options = {"libx264": _OPEN, "libx265": x265(open_gop=1), "mpeg2video": {}}[codec]
    path = Film(codec=codec, suffix=".ts", options=options, b_frames=2).write(tmp_path)
    _drop_first_packets(path, 4)

    trip = round_trip(path, tmp_path)

    assert trip.unreadable == []
    assert trip.frames == plain_decode(path, trip.source)


def test_two_recordings_joined_byte_by_byte(tmp_path):
    path = Film(codec="libx264", suffix=".ts", options=_OPEN).write(tmp_path)
    first = path.read_bytes()
    _rewritten(path, lambda _, data: data, later=1800)  # half a frame
    path.write_bytes(first + path.read_bytes())

    trip = round_trip(path, tmp_path)

    assert trip.unreadable == []
    assert len(trip.frames) == 2 * FRAMES
    assert [digest for _, digest in trip.frames] == [d for _, d in plain_decode(path, trip.source)]
    assert len(trip.output_seconds) == 2 * FRAMES


def test_b_frames_packed_as_divx_did(tmp_path):
    path = _packed(Film(codec="mpeg4", suffix=".avi", b_frames=1).write(tmp_path))

    trip = round_trip(path, tmp_path)

    assert trip.unreadable == []
    assert [digest for _, digest in trip.frames] == [d for _, d in plain_decode(path, trip.source)]
    assert since_first(trip.output_seconds) == [Fraction(i, 25) for i in range(FRAMES)]


def test_damaged_packets_become_unreadable_frames_whatever_the_number_of_threads(tmp_path):
    path = Film(codec="libx264", suffix=".mkv", options=x264(bframes=2)).write(tmp_path)
    _damage_packets(path, {14, 15, 31, 43, 46})

    trips = [round_trip(path, tmp_path, threads=threads) for threads in (1, 3)]

    assert len(trips[0].frames) == FRAMES
    assert trips[0].unreadable
    assert trips[0].frames == trips[1].frames
    assert trips[0].unreadable == trips[1].unreadable
    readable = [f for i, f in enumerate(trips[0].frames) if i not in trips[0].unreadable]
    assert readable == _plain_decode_of_damaged(path, trips[0].source)
    assert len(trips[0].output_seconds) == FRAMES


def test_a_chunk_nothing_can_be_decoded_from_is_black(tmp_path):
    path = Film(codec="mjpeg", suffix=".avi", pix_fmt="yuvj420p").write(tmp_path)
    _damage_packets(path, set(range(20, 40)))

    trip = round_trip(path, tmp_path)

    assert trip.unreadable == list(range(20, 40))
    assert len({digest for _, digest in trip.frames[20:40]}) == 1


@pytest.mark.parametrize(
    ("codec", "suffix", "pix_fmt"), [("mjpeg", ".jpg", "yuvj420p"), ("png", ".png", "rgba")]
)
def test_a_picture_is_a_video_of_one_frame(codec, suffix, pix_fmt, tmp_path):
    film = Film(codec=codec, suffix=suffix, pix_fmt=pix_fmt, frames=1, muxer={"update": "1"})
    path = film.write(tmp_path).rename(tmp_path / f"100%03d{suffix}")

    trip = round_trip(path, tmp_path)

    assert [d for _, d in trip.frames] == [
        d for _, d in plain_decode(path.rename(tmp_path / f"a{suffix}"), trip.source)
    ]
    assert len(trip.output_seconds) == 1


def test_a_telephone_held_upright(tmp_path):
    path = Film(codec="png", suffix=".mov", pix_fmt="rgb24", rotation=180).write(tmp_path)
    _set_track_matrix(path, [0, 1, -1, 0])  # as telephones write it: shown turned clockwise by a quarter

    source = probe(path)
    chunk, file = next(split(source, plan(source.table, target_seconds=9, max_frames=99), tmp_path))
    first = next(decode_chunk(file, source.video, chunk))

    assert (source.video.width_px, source.video.height_px) == (64, 96)
    assert np.array_equal(first.rgb, np.rot90(picture(0, 96, 64), -1))
    with film(path) as shown:
        assert next(shown.frames()).orientation == 6, "verification turns it likewise"


def test_a_cover_picture_is_not_the_video(tmp_path):
    path = _with_cover(Film(codec="libx264", suffix=".mp4", options=x264(), frames=1).write(tmp_path))

    source = probe(path)

    assert source.video.codec == "h264"


def test_a_relative_name_with_a_colon_is_a_file(tmp_path, monkeypatch):
    Film(codec="libx264", suffix=".mp4", options=_OPEN).write(tmp_path).rename(tmp_path / "http:x.mp4")
    monkeypatch.chdir(tmp_path)

    source = probe(Path("http:x.mp4"))

    assert source.video.frame_count == FRAMES


def _plain_decode_of_damaged(path: Path, source: SourceVideo) -> list[Frame]:
    """Like `plain_decode`, going on after errors."""
    convert = ColourConverter(source.video, quick=True)
    frames = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.error.InvalidDataError:
                continue
            frames += [(frame.pts, picture_hash(convert.rgb(frame))) for frame in decoded]
    return frames


def _rewritten(path: Path, change, later: int = 0) -> None:
    """Copy all packets into a new file under the same name; `change(index, packet)` gives bytes, or None."""
    original = path.rename(path.with_stem("original"))
    with av.open(str(original)) as source, av.open(str(path), "w") as file:
        template = source.streams.video[0]
        stream = file.add_stream_from_template(template, opaque=True)
        for index, packet in enumerate(p for p in source.demux(template) if p.size):
            data = change(index, bytes(packet))
            if data is not None:
                copy = av.Packet(data)
                copy.stream, copy.time_base = stream, packet.time_base
                copy.pts, copy.dts = packet.pts, packet.dts
                if later:
                    copy.pts, copy.dts = packet.pts + later, packet.dts + later
                copy.is_keyframe = packet.is_keyframe
                file.mux(copy)


def _drop_first_packets(path: Path, count: int) -> None:
    _rewritten(path, lambda index, data: data if index >= count else None)


def _damage_packets(path: Path, indices: set[int]) -> None:
    _rewritten(path, lambda index, data: data[:4] + bytes(len(data) - 4) if index in indices else data)


def _set_track_matrix(path: Path, matrix: list[int]) -> None:
    """a, b, c, d of ISO 14496-12, 8.3.2: x' = ax + cy, y' = bx + dy."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    for index, value in zip((0, 1, 3, 4), matrix, strict=True):
        struct.pack_into(">i", data, at + 4 * index, value << 16)
    path.write_bytes(data)


def _packed(path: Path) -> Path:
    """Each B-frame in the packet before it, and a placeholder where it was."""
    packed, start_of_picture = path.with_stem("packed"), b"\0\0\1\xb6"
    with av.open(str(path)) as source, av.open(str(packed), "w") as file:
        template = source.streams.video[0]
        stream = file.add_stream_from_template(template, opaque=True)
        pictures = [(bytes(packet), packet.is_keyframe) for packet in source.demux(template) if packet.size]
        for index, (data, is_key) in enumerate(pictures):
            following = pictures[index + 1][0] if index + 1 < len(pictures) else b""
            if _is_b_frame(data):
                data = start_of_picture + b"\x50\x80"
            elif _is_b_frame(following):
                data += following
            packet = av.Packet(re.sub(rb"Lavc[0-9.]{9}", b"DivX503b1393p", data))
            packet.stream, packet.time_base, packet.is_keyframe = stream, template.time_base, is_key
            packet.pts = packet.dts = index
            file.mux(packet)
    return packed


def _is_b_frame(data: bytes) -> bool:
    """ISO 14496-2, 6.3.5: the type of a picture is in the two bits after its start code."""
    at = data.find(b"\0\0\1\xb6")
    return at >= 0 and data[at + 4] >> 6 == 2


def _with_cover(path: Path) -> Path:
    covered = path.with_stem("covered")
    with av.open(str(path)) as source, av.open(str(covered), "w") as file:
        cover = file.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 320, 200, "rgb24"
        cover.disposition = Disposition.attached_pic
        film = file.add_stream_from_template(source.streams.video[0])
        film.disposition = 0  # the cover seems to be what is meant to be shown
        file.mux(cover.encode(av.VideoFrame(320, 200, "rgb24")))
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = film
                file.mux(packet)
    return covered
