"""`client clips`: what the files show, sound like and say."""

import csv
import json
from pathlib import Path

import av
import pytest
import webvtt

from api_client.cli.main import run
from api_client.contract import keys
from api_client.job_files import JobFiles
from api_client.media.source.probe import probe
from api_client.media.source.time_range import taken_from
from api_client.settings import Settings
from tests.clips import write_clip
from tests.finished_jobs import finish_job, row
from tests.integration.moments.conftest import FRAMES, GOP, RATE
from tests.integration.moments.pictures import decoded, frame_numbers, sound_packets

EXACTLY = ("--pad", "0", "--merge", "0", "--min", "0")


@pytest.fixture
def source(tmp_path: Path, job: JobFiles) -> Path:
    """The same footage, to compare with: the job does not see it."""
    (tmp_path / "aside").mkdir()
    return write_clip(tmp_path / "aside" / "walk.mp4", frames=FRAMES, gop=GOP, rate=RATE)


def numbers(path: Path, source: Path) -> list[int]:
    pictures = [picture for _, picture in decoded(path)]
    return frame_numbers(pictures, [picture for _, picture in decoded(source)])


def test_an_exact_clip_has_the_frames_of_the_moment_and_no_others(job: JobFiles, source: Path) -> None:
    assert run(["clips", job.job_id, "--when", "dog and not leash", *EXACTLY, "--exact"]) == 0

    assert numbers(Path("walk-clips/walk-001.mp4"), source) == list(range(30, 40))
    assert numbers(Path("walk-clips/walk-002.mp4"), source) == list(range(44, 50))
    times = [seconds for seconds, _ in decoded(Path("walk-clips/walk-001.mp4"))]
    assert times == pytest.approx([index / RATE for index in range(10)])


def test_a_copy_begins_at_a_key_frame_and_ends_without_holes(job: JobFiles, source: Path) -> None:
    assert run(["clips", job.job_id, "--when", "dog", *EXACTLY]) == 0

    shown = numbers(Path("walk-clips/walk-001.mp4"), source)
    assert shown == list(range(24, shown[-1] + 1))
    assert 49 <= shown[-1] < 49 + GOP


def test_a_copy_has_the_packets_of_the_source(job: JobFiles, source: Path) -> None:
    run(["clips", job.job_id, "--when", "dog", *EXACTLY])

    with av.open("walk-clips/walk-001.mp4") as copy, av.open(str(source)) as original:
        copied = [bytes(packet) for packet in copy.demux(video=0) if packet.size]
        everything = [bytes(packet) for packet in original.demux(video=0) if packet.size]
    first = everything.index(copied[0])
    assert copied == everything[first : first + len(copied)]


@pytest.mark.parametrize("how", ["--copy", "--exact"])
def test_the_sound_is_the_sources_and_in_step(job: JobFiles, source: Path, how: str) -> None:
    run(["clips", job.job_id, "--when", "dog", *EXACTLY, how])

    clip = Path("walk-clips/walk-001.mp4")
    begins = numbers(clip, source)[0] / RATE
    there, lasts = {data: at for at, data in sound_packets(source)}, decoded(clip)[-1][0] + 1 / RATE
    heard = sound_packets(clip)
    assert all(there[data] - at == pytest.approx(begins, abs=0.001) for at, data in heard)
    assert heard[0][0] < 0.07
    assert heard[-1][0] == pytest.approx(lasts, abs=0.13)


@pytest.mark.parametrize("how", ["--copy", "--exact"])
def test_a_reel_is_all_moments_one_after_the_other_with_chapters(
    job: JobFiles, source: Path, how: str
) -> None:
    run(["clips", job.job_id, "--when", "dog and not leash", *EXACTLY, how, "--reel", "--lists-only"])

    reel = Path("walk-clips/walk-reel.mp4")
    shown = numbers(reel, source)
    expected = [*range(30, 40), *range(44, 50)]
    assert shown == expected if how == "--exact" else set(expected) <= set(shown)
    times = [seconds for seconds, _ in decoded(reel)]
    assert times == pytest.approx([index / RATE for index in range(len(times))], abs=1e-6)
    with av.open(str(reel)) as container:
        chapters = container.chapters()
    assert [chapter["metadata"]["title"] for chapter in chapters] == ["1: dog", "2: dog"]
    heard = [at for at, _ in sound_packets(reel)]
    assert heard == sorted(heard)
    assert not list(Path("walk-clips").glob("walk-0*.mp4"))


def test_the_lists_say_when_and_what(job: JobFiles) -> None:
    run(["clips", job.job_id, "--when", "dog", "--pad", "0.5"])

    rows = list(csv.DictReader(Path("walk-clips/moments.csv").read_text().splitlines()))
    assert [(row["start_seconds"], row["end_seconds"], row["found"]) for row in rows] == [
        ("2.5", "5.5", "dog; leash")
    ]
    assert rows[0]["file"] == "walk-001.mp4"
    assert float(rows[0]["file_start_seconds"]) <= 2.5
    (chapter,) = webvtt.read("walk-clips/chapters.vtt")
    assert (chapter.start, chapter.end, chapter.text) == ("00:00:02.500", "00:00:05.500", "1: dog, leash")
    project = json.loads(Path("walk-clips/walk-proj.llc").read_text())
    assert (project["version"], project["mediaFileName"]) == (2, "walk.mp4")
    assert (project["cutSegments"][0]["start"], project["cutSegments"][0]["end"]) == (2.5, 5.5)


def test_the_next_clips_lie_beside_the_first_and_nothing_is_written_over(
    job: JobFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["clips", job.job_id, "--when", "dog"])
    first = sorted(Path("walk-clips").iterdir())

    assert run(["clips", job.job_id, "--when", "leash", "--min", "0"]) == 0
    assert run(["clips", job.job_id, "--when", "dog", "-o", "walk-clips"]) == 2

    assert sorted(Path("walk-clips").iterdir()) == first
    assert (Path("walk-clips-2") / "walk-001.mp4").exists()
    assert "walk-clips is not empty" in capsys.readouterr().err


def test_a_zone_is_a_condition(job: JobFiles) -> None:
    run(["clips", job.job_id, "--when", "dog in right", "--zone", "right=70,0,160,96", *EXACTLY])

    (row,) = csv.DictReader(Path("walk-clips/moments.csv").read_text().splitlines())
    assert (row["first_frame"], row["last_frame"]) == ("40", "49")  # its foot is at 2 i - 10


def test_where_nothing_holds_nothing_is_written(job: JobFiles, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clips", job.job_id, "--when", "leash >= 2"]) == 0

    assert "holds nowhere" in capsys.readouterr().err
    assert not Path("walk-clips").exists()


def test_a_caret_stands_under_the_place_of_an_error(
    job: JobFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["clips", job.job_id, "--when", "dog and nto leash"]) == 2

    text, caret, reason = capsys.readouterr().err.splitlines()
    assert text[caret.index("^") :].startswith("nto leash")
    assert "at character 9" in reason
    assert not Path("walk-clips").exists()


def test_footage_that_is_gone_is_told_in_one_line(job: JobFiles, capsys: pytest.CaptureFixture[str]) -> None:
    job.store.delete(keys.source_part(job.manifest().footage.source_id, 2))

    assert run(["clips", job.job_id, "--when", "dog"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "part 2 of the video is gone" in line
    assert not Path("walk-clips").exists()


@pytest.mark.parametrize("how", ["--copy", "--exact"])
def test_of_a_part_of_a_video_times_and_sound_are_those_of_the_whole(
    settings: Settings, clip: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.finished_jobs.probe", lambda path: taken_from(probe(path), 2.0, 6.0))
    part = finish_job(settings, clip, [row(i, 0, 0.9, (4, 4, 30, 30)) for i in range(30, 50)])

    run(["clips", part.job_id, "--when", "cat", *EXACTLY, how])

    (line,) = csv.DictReader(Path("walk-clips/moments.csv").read_text().splitlines())
    assert (line["first_frame"], line["start_seconds"], line["end_seconds"]) == ("30", "3.0", "5.0")
    shown = numbers(Path("walk-clips/walk-001.mp4"), clip)
    assert float(line["file_start_seconds"]) == shown[0] / RATE
    assert set(shown) >= set(range(30, 50))
    there = {data: at for at, data in sound_packets(clip)}
    assert all(
        there[data] - at == pytest.approx(shown[0] / RATE, abs=0.001)
        for at, data in sound_packets(Path("walk-clips/walk-001.mp4"))
    )
