"""Timestamps that repeat, jump, restart or pause: the clock is kept, and sound stays beside its picture."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.integration.media.films import FRAMES, Film, x264
from tests.integration.media.round_trip import plain_decode, round_trip

_STEP = Fraction(1, 25)
_WITH_SOUND = Film(codec="libx264", suffix=".ts", options=x264(), audio=[("aac", 48_000)])


def _film(directory: Path, pts: list[int]) -> Path:
    """Pictures with other timestamps, in 1/1000 s."""
    plain = Film(codec="libvpx", suffix=".webm", frames=len(pts)).write(directory)
    path = directory / "stamped.mkv"
    with av.open(str(plain)) as source, av.open(str(path), "w") as file:
        stream = file.add_stream_from_template(source.streams.video[0], opaque=True)
        packets = [packet for packet in source.demux(video=0) if packet.size]
        for number, (packet, time) in enumerate(zip(packets, pts, strict=True)):
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, time, number, Fraction(1, 1000)
            file.mux(packet)
    return path


def test_a_repeated_timestamp_moves_by_the_least_and_the_rest_stays(tmp_path):
    path = _film(tmp_path, [0, 40, 40, 120, 160, 160, 160, 280, 320, 360])

    trip = round_trip(path, tmp_path)

    times = [round(1000 * time) for time in trip.output_seconds]
    assert times == [0, 40, 41, 120, 160, 161, 162, 280, 320, 360]
    assert any("moved" in note for note in trip.source.notes)


def test_a_single_impossible_timestamp_is_interpolated(tmp_path):
    path = _film(tmp_path, [0, 40, 80, 900_000, 160, 200, 240, 280, 320, 360, 400, 440])

    trip = round_trip(path, tmp_path)

    assert [round(1000 * time) for time in trip.output_seconds] == [40 * i for i in range(12)]


@pytest.mark.parametrize("shift", [0, 3600, -1], ids=["same clock", "earlier clock", "overlapping clocks"])
def test_joined_recordings_go_on_and_keep_sound_beside_the_picture(shift, tmp_path):
    first = _moved(_WITH_SOUND.write(tmp_path / "one"), max(shift, 0))
    second = _moved(_WITH_SOUND.write(tmp_path / "two"), -min(shift, 0))
    path = tmp_path / "joined.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())

    trip = round_trip(path, tmp_path)

    assert len(trip.output_seconds) == 2 * FRAMES
    assert [d for _, d in trip.frames] == [d for _, d in plain_decode(path, trip.source)]
    sound = _sound_times(trip.output)
    half = len(sound) // 2
    beside = _sound_times(first)[0] - _picture_times(first)[0]
    assert abs(sound[0] - trip.output_seconds[0] - beside) < Fraction(20, 1000)
    assert abs(sound[half] - trip.output_seconds[FRAMES] - beside) < Fraction(20, 1000)
    assert trip.output_seconds[-1] - trip.output_seconds[0] < 2 * FRAMES * _STEP + Fraction(1, 5)


def test_a_counter_that_overflows_goes_on_without_a_note(tmp_path):
    path = _moved(_WITH_SOUND.write(tmp_path / "one"), Fraction(2**33, 90_000) - 2, wraps=True)

    trip = round_trip(path, tmp_path)

    steps = {b - a for a, b in zip(trip.output_seconds, trip.output_seconds[1:], strict=False)}
    assert steps == {_STEP}
    assert not any("clock" in note for note in trip.source.notes)


@pytest.mark.parametrize("hours", [7, 30])
def test_hours_of_nothing_are_kept(hours, tmp_path):
    gap = hours * 3600 * 25
    film = Film(
        codec="libx264",
        suffix=".nut",
        options=x264(),
        pts=[(i + (gap if i >= 20 else 0)) * 3600 for i in range(40)],
        frames=40,
        time_base=Fraction(1, 90_000),
    )
    path = film.write(tmp_path)

    trip = round_trip(path, tmp_path)

    assert trip.output_seconds == [(i + (gap if i >= 20 else 0)) * _STEP for i in range(40)]
    assert trip.unreadable == []
    with av.open(str(trip.output)) as container:
        *_, last = (packet for packet in container.demux(video=0) if packet.size)
        assert last.duration * last.time_base == _STEP


def _moved(path: Path, seconds: Fraction | int, *, wraps: bool = False) -> Path:
    """The same recording on a clock that starts later."""
    moved = path.with_name("moved.ts")
    options = {"mpegts_copyts": "1"} if seconds else {}
    with av.open(str(path)) as source, av.open(str(moved), "w", options=options) as file:
        copies = {s.index: file.add_stream_from_template(s, opaque=True) for s in source.streams}
        for packet in source.demux():
            if packet.size:
                later = round(seconds / packet.time_base)
                packet.pts, packet.dts = packet.pts + later, packet.dts + later
                packet.stream = copies[packet.stream.index]
                file.mux(packet)
    return moved


def _sound_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [p.pts * p.time_base for p in container.demux(audio=0) if p.size]


def _picture_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return sorted(p.pts * p.time_base for p in container.demux(video=0) if p.size)
