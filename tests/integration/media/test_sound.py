"""Sound reaches the annotated video packet for packet, in step with the pictures."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from api_client.media.assemble.side_streams import copy_side_streams
from api_client.media.source.probe import probe
from tests.integration.media.films import FRAMES, Film, x264
from tests.integration.media.round_trip import RoundTrip, round_trip

_CLOSED = x264(bframes=2)

SOUND = {
    "aac in mp4": Film(codec="libx264", suffix=".mp4", options=_CLOSED, audio=[("aac", 48_000)]),
    "three tracks in mp4": Film(
        codec="libx264",
        suffix=".mp4",
        options=_CLOSED,
        audio=[("aac", 44_100), ("ac3", 48_000), ("libmp3lame", 22_050)],
    ),
    "opus in webm": Film(codec="libvpx-vp9", suffix=".webm", audio=[("libopus", 48_000)]),
    "flac in mkv": Film(codec="libx264", suffix=".mkv", options=_CLOSED, audio=[("flac", 44_100)]),
    "pcm in mov": Film(codec="libx264", suffix=".mov", options=_CLOSED, audio=[("pcm_s16le", 16_000)]),
    "pcm in avi": Film(codec="mpeg4", suffix=".avi", audio=[("pcm_s16le", 44_100)]),
    "mp3 in avi": Film(codec="mpeg4", suffix=".avi", audio=[("libmp3lame", 44_100)]),
    "alac in mov": Film(codec="mjpeg", suffix=".mov", pix_fmt="yuvj420p", audio=[("alac", 48_000)]),
    "mp2 in ts": Film(codec="mpeg2video", suffix=".ts", b_frames=2, audio=[("mp2", 48_000)]),
    "aac in ts": Film(codec="libx264", suffix=".ts", options=_CLOSED, audio=[("aac", 48_000)]),
    "wma in asf": Film(codec="wmv2", suffix=".asf", audio=[("wmav2", 44_100)]),
    "all start late, at times of different kinds": Film(
        codec="libx264",
        suffix=".mp4",
        options=_CLOSED,
        rate=Fraction(30_000, 1001),
        pts=range(7, 7 + FRAMES),
        audio=[("libmp3lame", 44_100)],
        sound_starts=5000,
    ),
    "starts before the pictures": Film(
        codec="libx264",
        suffix=".mp4",
        options=_CLOSED,
        pts=range(10, 10 + FRAMES),
        audio=[("aac", 44_100)],
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_every_packet_is_kept_at_its_time(name, tmp_path):
    path = SOUND[name].write(tmp_path)

    trip = round_trip(path, tmp_path)

    expected, found = _packets(path), _packets(trip.output)
    assert len(expected) == len(SOUND[name].audio)
    assert [[data for _, data in track] for track in found] == [[d for _, d in track] for track in expected]
    offset = _origin(trip, path)
    for track, other, (_, rate) in zip(expected, found, SOUND[name].audio, strict=True):
        drift = max(abs(t - offset - u) for (t, _), (u, _) in zip(track, other, strict=True))
        assert drift <= _unavoidable_rounding(trip, rate)


def test_sound_in_an_mp4_is_kept_to_the_last_detail(tmp_path):
    path = SOUND["three tracks in mp4"].write(tmp_path)

    trip = round_trip(path, tmp_path)

    assert trip.output.suffix == ".mp4"
    assert _packets(trip.output) == _packets(path)
    assert trip.output_seconds == [Fraction(i, 25) for i in range(FRAMES)]


def test_pictures_that_start_after_the_sound_still_do(tmp_path):
    path = SOUND["starts before the pictures"].write(tmp_path)

    trip = round_trip(path, tmp_path)

    assert trip.output_seconds == [Fraction(i, 25) for i in range(10, 10 + FRAMES)]
    assert _packets(trip.output) == _packets(path)


def test_no_sound_is_no_file(tmp_path):
    path = Film(codec="libx264", suffix=".mp4", options=_CLOSED).write(tmp_path)

    trip = round_trip(path, tmp_path)

    assert not list(tmp_path.glob("side_streams*"))
    with av.open(str(trip.output)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_a_track_keeps_its_language(tmp_path):
    path = _with_subtitles(tmp_path)

    trip = round_trip(path, tmp_path)

    with av.open(str(trip.output)) as container:
        assert [stream.language for stream in container.streams.audio] == ["fra"]


def test_subtitles_that_do_not_fit_are_named(tmp_path):
    path = _with_subtitles(tmp_path)

    notes = copy_side_streams(probe(path), tmp_path).left_out

    assert notes == ("subtitle stream 2 (subrip) is left out of the annotated video",)


def _packets(path: Path) -> list[list[tuple[Fraction, bytes]]]:
    """Of each sound track: (presentation time, payload)."""
    with av.open(str(path)) as container:
        count = len(container.streams.audio)
    return [_track(path, number) for number in range(count)]


def _track(path: Path, number: int) -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(audio=number) if packet.size]
        return [(packet.pts * packet.time_base, _payload(bytes(packet))) for packet in packets]


def _payload(data: bytes) -> bytes:
    """Without the header that AAC has in a transport stream and nowhere else."""
    return data[7:] if data[:2] == b"\xff\xf1" else data


def _origin(trip: RoundTrip, path: Path) -> Fraction:
    """How far the whole film was moved, as the pictures tell."""
    return trip.source.video.first_pts * trip.source.table.time_base - trip.output_seconds[0]


def _unavoidable_rounding(trip: RoundTrip, rate: int) -> Fraction:
    """An mp4 times sound in samples, Matroska in milliseconds."""
    if trip.output.suffix == ".mkv":
        return Fraction(1, 1000)
    return Fraction(1, 2 * rate) if trip.source.source.container != "mov,mp4,m4a,3gp,3g2,mj2" else Fraction(0)


def _with_subtitles(directory: Path) -> Path:
    film = Film(codec="libx264", suffix=".mkv", options=_CLOSED, audio=[("aac", 48_000)]).write(directory)
    path = directory / "subtitled.mkv"
    with av.open(str(film)) as source, av.open(str(path), "w") as file:
        copies = {s.index: file.add_stream_from_template(s, opaque=True) for s in source.streams}
        copies[1].metadata["language"] = "fra"
        text = file.add_mux_stream("subrip")
        cue = av.Packet(b"Hello")
        cue.stream, cue.time_base, cue.pts, cue.dts, cue.duration = text, Fraction(1, 1000), 0, 0, 900
        file.mux(cue)
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream.index]
                file.mux(packet)
    return path
