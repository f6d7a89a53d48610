"""`client zones`, and zones where they are shown."""

import json
from pathlib import Path

import pytest

from api_client.cli.asked_rendering import rendering_of
from api_client.cli.main import run
from api_client.errors import SettingsError
from api_client.job_files import JobFiles
from api_client.media.source.probe import probe
from api_client.question import fitting_job, job_spec
from api_client.settings import Settings
from tests.clips import write_clip
from tests.finished_jobs import finish_job, row

RIGHT = ("--zone", "right=70,0,160,96")


def test_the_files_say_who_entered_and_crossed_and_how_long_they_stayed(job: JobFiles) -> None:
    assert run(["zones", job.job_id, *RIGHT, "--line", "middle=59,96,59,0"]) == 0

    document = json.loads(Path("walk-zones/zones.json").read_text())
    visit, leash = document["zone_tracks"]
    assert (visit["class_name"], visit["entered"], visit["left"], visit["ended_inside"]) == (
        "dog",
        1,
        0,
        True,
    )
    assert (leash["class_name"], leash["entered"], leash["began_inside"]) == ("leash", 0, True)
    assert visit["dwell_seconds"] == pytest.approx(0.9, abs=0.02)  # from 4 to 4.9 s
    assert [(row["to_right"], row["to_left"]) for row in document["line_tracks"]] == [(1, 0)]
    entered = next(event for event in document["events"] if event["what"] == "entered")
    assert entered["time_seconds"] == pytest.approx(4.0, abs=0.02)
    assert Path("walk-zones/zones.csv").read_text().splitlines()[0].startswith("zone,class_name,tracker_id")


def test_a_zone_nothing_was_in_has_a_line_that_says_so(
    job: JobFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["zones", job.job_id, *RIGHT, "--zone", "corner=0,0,2,2", "--line", "edge=0,0,0,1"]) == 0

    told = [line.split()[:2] for line in capsys.readouterr().err.splitlines()]
    assert ["right", "dog"] in told
    assert ["corner", "nothing"] in told
    assert ["edge", "nothing"] in told
    assert ["right", "nothing"] not in told


def test_a_zone_outside_of_the_frame_is_told_in_one_line(
    job: JobFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["zones", job.job_id], ["clips", job.job_id, "--when", "dog"], ["report", job.job_id]):
        assert run([*command, "--zone", "far=500,0,600,96"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "the zone 'far' lies outside of the frame" in line


def test_a_zone_outside_of_the_frame_is_told_before_a_video_is_stored(
    settings: Settings, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "walk.mp4", frames=2, gop=2)
    far = rendering_of(style="boxes", only=(), trails=False, sound=True, zones=("far=500,0,600,96",))

    with pytest.raises(SettingsError, match="'far' lies outside of the frame"):
        fitting_job(job_spec(settings, vocabulary="dog", rendering=far), probe(clip))


def test_a_job_that_follows_nobody_is_refused(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = write_clip(tmp_path / "still.mp4", frames=4, gop=4)
    files = finish_job(settings, clip, [row(0, 0, 0.9, (8, 8, 40, 40))], tracks=False)

    assert run(["zones", files.job_id, *RIGHT]) == 2
    assert "were not followed" in capsys.readouterr().err


def test_without_a_zone_it_says_how_one_is_written(job: JobFiles, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["zones", job.job_id]) == 2
    assert "name a zone or a line: --zone door=" in capsys.readouterr().err
