"""The whole of it, with nothing running and nothing configured."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import write_picture
from tests.integration.jobs.results import COLOURS
from tests.integration.local.conftest import RunClient
from tests.waiting import wait_until

StartClient = Callable[..., "subprocess.Popen[str]"]
Leftovers = Callable[[], list[str]]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes through /proc"
)


def test_submit_leaves_results_beside_the_video_and_nothing_running(
    run_client: RunClient, clip: Path, leftovers: Leftovers
) -> None:
    done = run_client("submit", clip, "-v", "red square, blue square", "-d", COLOURS)

    assert done.returncode == 0, done.stderr
    results = clip.parent / "squares-horatio"
    assert done.stdout.splitlines() == [
        str(results / "squares-annotated.mp4"),
        str(results / "detections.txt"),
        str(results / "report.html"),
    ]
    assert (results / "report.html").exists()
    assert len((results / "detections.txt").read_text().splitlines()) == 60
    assert leftovers() == []
    verified = run_client("verify", clip, results)
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.splitlines()[-1].startswith(
        "verified: all 60 frames are in the log and in the annotated video, once, in time and alike"
    )


def test_a_folder_and_all_that_can_come_of_what_is_in_it(
    run_client: RunClient, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "footage"
    (folder / "day").mkdir(parents=True)
    clip.rename(folder / "walk.mp4")
    write_picture(folder / "walk.png")
    (folder / "day" / "walk.mov").write_text("no video at all")
    question = ("submit", folder, "--recursive", "-v", "red", "-v", "hoverboard", "-d", COLOURS, "--json")

    first, second = run_client(*question), run_client(*question)

    assert (first.returncode, second.returncode) == (1, 1)  # of the one that is no video
    lines = [json.loads(line) for line in first.stdout.splitlines()]
    ends = [line for line in lines if line["state"] == "completed"]
    assert [Path(end["directory"]).name for end in ends] == ["walk-horatio", "footage-horatio"]
    assert all(Path(path).exists() for end in ends for path in [*end["files"].values(), end["report"]])
    states = [json.loads(line)["state"] for line in second.stdout.splitlines()]
    assert states == ["skipped", "skipped", "unusable"]
    assert "day/walk.mov" in first.stderr
    assert "done before" in second.stderr


def test_a_job_that_fails_does_not_end_the_others_and_nothing_is_written_over(
    run_client: RunClient, clip: Path, tmp_path: Path
) -> None:
    other = clip.with_name("other.mp4")
    other.write_bytes(clip.read_bytes())
    failing = run_client("submit", clip, other, "-v", "red", "-d", "python:tests.nowhere:load")

    done = run_client("submit", clip, "-v", "red", "-d", COLOURS, "-q")
    again = run_client("submit", clip, "-v", "blue", "-d", COLOURS, "-q", "--no-report")

    assert failing.returncode == 1
    assert failing.stderr.count("failed: ") >= 2
    assert done.stdout.splitlines()[0].endswith("squares-horatio/squares-annotated.mp4")
    assert again.stdout.splitlines()[0].endswith("squares-horatio-2/squares-annotated.mp4")
    assert (done.returncode, done.stderr) == (0, "")
    assert (clip.parent / "squares-horatio" / "report.html").exists()
    assert not (clip.parent / "squares-horatio-2" / "report.html").exists()
    assert "squares-horatio is taken" in again.stderr


def in_the_middle_of_a_job(start_client: StartClient, clip: Path, tmp_path: Path) -> "subprocess.Popen[str]":
    """A client whose job has a chunk done, and others to go."""
    process = start_client("submit", clip, "-v", "red", "-d", "python:tests.troubled_detectors:load_slow")
    wait_until(
        lambda: list((tmp_path / "home/store/jobs").glob("*/detect/*/done.json")),
        timeout_seconds=60,
        description="a chunk to be done",
    )
    return process


def test_ctrl_c_keeps_what_is_done_and_resume_goes_on(
    start_client: StartClient, run_client: RunClient, clip: Path, leftovers: Leftovers, tmp_path: Path
) -> None:
    process = in_the_middle_of_a_job(start_client, clip, tmp_path)

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 130
    job_id = next((tmp_path / "home/store/jobs").iterdir()).name
    results = clip.parent / "squares-horatio"
    assert f"{job_id}: what is done is kept, `client resume {job_id} -o {results}` goes on" in errors
    assert leftovers() == []
    resumed = run_client("resume", job_id, "-o", tmp_path / "out")
    assert resumed.returncode == 0, resumed.stderr
    assert str(tmp_path / "out" / "report.html") in resumed.stdout
    assert run_client("verify", clip, tmp_path / "out").returncode == 0


@pytest.mark.parametrize("victim", ["client", "supervisor"])
def test_kill_9_leaves_no_process(
    start_client: StartClient, clip: Path, leftovers: Leftovers, victim: str, tmp_path: Path
) -> None:
    process = in_the_middle_of_a_job(start_client, clip, tmp_path)

    os.kill(process.pid if victim == "client" else _child_of(process.pid), signal.SIGKILL)
    process.communicate(timeout=30)

    wait_until(
        lambda: not [left for left in leftovers() if "python" in left or "redis" in left],
        timeout_seconds=20,
        description="every process of the stack to end",
    )


def _child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def test_up_keeps_a_stack_that_submit_uses_and_down_ends_it(
    run_client: RunClient, clip: Path, leftovers: Leftovers, free_port: int
) -> None:
    started = run_client("up", HORATIO_FLOWER_PORT=str(free_port))
    try:
        assert started.returncode == 0, started.stderr
        detached = run_client("submit", clip, "-v", "red", "-d", COLOURS, "--detach")
        job_id = detached.stdout.strip()
        assert run_client("watch", job_id).returncode == 0
        assert job_id in run_client("jobs").stdout
        assert "completed" in run_client("status", job_id).stdout
    finally:
        ended = run_client("down")

    assert ended.stdout == "stopped\n"
    assert leftovers() == []


def test_a_detached_job_needs_workers_that_stay(run_client: RunClient, clip: Path) -> None:
    refused = run_client("submit", clip, "-v", "red", "--detach")

    assert refused.returncode == 2
    assert "client up" in refused.stderr
