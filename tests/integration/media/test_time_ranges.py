"""A part of a video: the frames that are shown then, each with its number and pixels, and their sound."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from api_client.errors import SettingsError
from api_client.media.assemble.side_streams import copy_side_streams
from api_client.media.source.probe import SourceVideo, probe
from api_client.media.source.time_range import taken_from
from tests.clips import write_clip
from tests.integration.media.films import Film, x264, x265
from tests.integration.media.round_trip import plain_decode, round_trip_of, since_first

FILMS = {
    "h264, open groups": Film(
        codec="libx264", suffix=".mp4", options=x264(open_gop=1, bframes=3, b_pyramid="normal")
    ),
    "hevc, open groups": Film(codec="libx265", suffix=".mkv", options=x265(open_gop=1)),
    "h264 ts": Film(codec="libx264", suffix=".ts", options=x264(bframes=2)),
    "one group": Film(codec="libx264", suffix=".mp4", options=x264(group=1000)),
    "encoded again": Film(codec="rawvideo", suffix=".avi"),
}


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize(("first", "stop"), [(0, 9), (7, 33), (10, 20), (23, 24), (41, 60)])
def test_frames_of_a_range_are_those_of_the_whole(name: str, first: int, stop: int, tmp_path: Path) -> None:
    path = FILMS[name].write(tmp_path)
    whole = probe(path)
    everything = plain_decode(path, whole)
    taken = between_frames(whole, first, stop)

    made = round_trip_of(taken, tmp_path)

    assert made.frames == everything[first:stop]
    numbers = [number for chunk in made.chunks for number in chunk.frame_indices]
    assert numbers == [*range(first, min(stop, len(everything)))]
    seconds = [Fraction(pts) * whole.table.time_base for pts, _ in made.frames if pts is not None]
    assert since_first(made.output_seconds) == since_first(seconds)


def between_frames(video: SourceVideo, first: int, stop: int) -> SourceVideo:
    shown = video.table.shown_pts
    seconds = [float((pts - shown[0]) * video.table.time_base) for pts in shown.tolist()]
    return taken_from(video, seconds[first], seconds[stop] if stop < len(seconds) else None)


def test_only_what_is_in_the_range_is_written(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "long.mp4", frames=240, gop=12)

    whole = round_trip_of(probe(path), made(tmp_path / "whole"))
    part = round_trip_of(taken_from(probe(path), 10.0, 12.0), made(tmp_path / "part"))

    assert sum(chunk.size_bytes for chunk in part.chunks) < sum(c.size_bytes for c in whole.chunks) / 5


def test_sound_is_cut_to_fit_and_stays_in_step(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "long.mp4", frames=120, gop=12)

    part = round_trip_of(taken_from(probe(path), 3.0, 5.5), tmp_path)

    with av.open(str(path)) as container:
        wanted = [
            (p.pts * p.time_base - 3, bytes(p))
            for p in container.demux(container.streams.audio[0])
            if p.size and p.pts is not None and 3 <= p.pts * p.time_base < 5.5
        ]
    with av.open(str(part.output)) as container:
        found = [
            (p.pts * p.time_base, bytes(p)) for p in container.demux(container.streams.audio[0]) if p.size
        ]
    assert [data for _, data in found] == [data for _, data in wanted]
    assert part.output_seconds[0] == 0
    assert all(abs(a - b) < 0.001 for (a, _), (b, _) in zip(found, wanted, strict=True))


def test_sound_that_has_nothing_then_is_left_out_and_told(tmp_path: Path) -> None:
    video = probe(write_clip(tmp_path / "clip.mp4", frames=24, gop=12))
    late = replace(video, sides={1: replace(video.sides[1], pts=video.sides[1].pts + 16_000)})

    copied = copy_side_streams(taken_from(late, None, 0.5), tmp_path)

    assert copied.file is None
    assert copied.left_out == (
        "audio stream 1 (aac) has nothing at that time: it is left out of the annotated video",
    )


def made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def test_a_range_that_holds_everything_is_the_whole(tmp_path: Path) -> None:
    video = probe(write_clip(tmp_path / "clip.mp4", frames=24, gop=12))

    assert taken_from(video, None, None) is video
    assert taken_from(video, 0, 99) is video


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (80, None, r"shows its last frame at 0:01.917, before the start, 1:20"),
        (1.5, 0.5, r"the end, 0:00.5, is not after the start, 0:01.5"),
        (1, 1, r"the end, 0:01, is not after the start, 0:01"),
        (1.01, 1.02, r"shows no frame between 0:01.01 and 0:01.02"),
        (-1, None, r"before the video's beginning"),
        (float("nan"), None, r"is no time"),
        (float("inf"), None, r"is no time"),
    ],
)
def test_a_range_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, start: float, end: float | None, told: str
) -> None:
    video = probe(write_clip(tmp_path / "clip.mp4", frames=24, gop=12, audio=False))

    with pytest.raises(SettingsError, match=told) as refused:
        taken_from(video, start, end)

    assert len(str(refused.value).splitlines()) == 1
