"""`client watch-folder`: every file becomes a job, once."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import write_clip
from tests.integration.local.conftest import RunClient
from tests.waiting import wait_until

COLOURS = "python:tests.colour_detector:load"
QUESTION = ("-v", "red square, blue square", "-d", COLOURS)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def jobs(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "store/jobs").glob("*"))


def ends(done: "subprocess.CompletedProcess[str]") -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [(line["file"], line["state"]) for line in lines]


def test_each_file_is_a_job_once_also_after_a_restart(
    run_client: RunClient, inbox: Path, tmp_path: Path
) -> None:
    write_clip(inbox / "one.mp4", frames=12, gop=12)
    (inbox / "broken.mp4").write_bytes(b"no video at all")
    watch = ("watch-folder", inbox, *QUESTION, "--settle", "0", "--once")

    first, second = run_client(*watch), run_client(*watch)
    write_clip(inbox / "two.mp4", frames=12, gop=12)
    third = run_client(*watch, "--done", tmp_path / "done", "-o", tmp_path / "results")

    assert (first.returncode, second.returncode, third.returncode) == (0, 0, 0), first.stderr
    assert ends(first) == [("one.mp4", "completed")]
    assert "broken.mp4" in first.stderr
    assert (second.stdout, second.stderr) == ("", "")
    assert ends(third) == [("two.mp4", "completed")]
    assert (inbox / "one-horatio" / "report.html").exists()
    assert (tmp_path / "results" / "two" / "report.html").exists()
    assert [path.name for path in (tmp_path / "done").iterdir()] == ["two.mp4"]
    assert len(jobs(tmp_path / "home")) == 2


@pytest.mark.timeout(600)  # two programs with workers of their own
def test_killed_in_the_middle_it_goes_on_with_the_same_job(
    start_client: Callable[..., "subprocess.Popen[str]"], run_client: RunClient, inbox: Path, tmp_path: Path
) -> None:
    write_clip(inbox / "one.mp4", frames=60, gop=12)
    watch = ("watch-folder", inbox, "-v", "red square", "--settle", "0", "--once")
    process = start_client(*watch, "-d", "python:tests.troubled_detectors:load_slow")
    try:
        wait_until(
            lambda: list((tmp_path / "home/store/jobs").glob("*/detect/*/done.json")),
            timeout_seconds=180,
            description="a chunk to be done",
        )
    finally:
        process.kill()
        process.communicate(timeout=60)
    again = run_client(*watch, "-d", "python:tests.troubled_detectors:load_slow")

    assert ends(again) == [("one.mp4", "completed")], again.stderr
    assert len(jobs(tmp_path / "home")) == 1


def test_an_address_that_is_none_is_told_without_its_password(run_client: RunClient, inbox: Path) -> None:
    done = run_client("watch-folder", inbox, *QUESTION, "--notify", "carrier-pigeon://secret@loft")

    assert done.returncode == 2
    assert "carrier-pigeon" in done.stderr
    assert "secret" not in done.stderr
