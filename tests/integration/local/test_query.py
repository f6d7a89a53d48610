"""Other words asked of a job's regions, by the processes that do everything else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.jobs.results import COLOURS, frames_of
from tests.integration.local.conftest import RunClient

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes through /proc"
)


def looked(run_client: RunClient, clip: Path, *options: object, **changes: str) -> str:
    """Submit the clip for red alone; return the job's id."""
    done = run_client("submit", clip, "-v", "red", "-d", COLOURS, "--no-video", "--json", *options, **changes)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["job_id"])


@pytest.fixture
def running_stack(run_client: RunClient) -> Iterator[None]:
    """One stack for all commands, where each would start its own."""
    started = run_client("up")
    assert started.returncode == 0, started.stderr
    yield
    run_client("down")


def rows(directory: Path) -> list[tuple[object, ...]]:
    """(frame, label, object) of everything that was found."""
    return [
        (frame["frame_index"], found["class_name"], found["tracker_id"])
        for frame in frames_of(directory)
        for found in frame["detections"]
    ]


@pytest.mark.usefixtures("running_stack")
def test_words_that_nobody_had_asked_are_answered_as_by_a_fresh_look(
    run_client: RunClient, clip: Path, tmp_path: Path
) -> None:
    job_id = looked(run_client, clip, "-o", tmp_path / "first")
    fresh = ("submit", clip, "-v", "red, blue", "-d", COLOURS, "--no-video", "-o", tmp_path / "fresh")

    asked = run_client("query", job_id, "-v", "red, blue", "-o", tmp_path / "asked", "--json")

    assert asked.returncode == 0, asked.stderr
    assert run_client(*fresh).returncode == 0
    assert rows(tmp_path / "asked") == rows(tmp_path / "fresh")
    assert {label for _, label, _ in rows(tmp_path / "asked")} == {"red", "blue"}
    result = json.loads((tmp_path / "asked" / "job.json").read_text())
    assert result["provenance"]["regions_of"] == job_id
    assert result["provenance"]["asked_regions"]["looks_per_second"] == 10
    assert "answered from the regions" in asked.stderr
    assert "kept for `client query`" in run_client("status", job_id).stdout


@pytest.mark.usefixtures("running_stack")
def test_a_query_is_drawn_and_followed_again(run_client: RunClient, clip: Path, tmp_path: Path) -> None:
    job_id = looked(run_client, clip)

    drawn = run_client("query", job_id, "-v", "blue", "--video", "-o", tmp_path / "drawn", "--json")

    assert drawn.returncode == 0, drawn.stderr
    verified = run_client("verify", clip, tmp_path / "drawn")
    assert verified.returncode == 0, verified.stdout
    again = json.loads(drawn.stdout)["job_id"]
    followed = run_client("track", again, "--no-video", "-o", tmp_path / "followed")
    assert followed.returncode == 0, followed.stderr
    assert rows(tmp_path / "followed") == rows(tmp_path / "drawn")


@pytest.mark.parametrize("damage", ["deleted", "overwritten"])
@pytest.mark.usefixtures("running_stack")
def test_vectors_of_words_that_are_gone_or_damaged_are_made_again(
    run_client: RunClient, clip: Path, tmp_path: Path, damage: str
) -> None:
    job_id = looked(run_client, clip)
    first = run_client("query", job_id, "-v", "blue, green", "-o", tmp_path / "first")
    assert first.returncode == 0, first.stderr
    kept = {path: path.read_bytes() for path in (tmp_path / "home/store/embeddings").rglob("*.safetensors")}
    for path in kept:
        path.unlink() if damage == "deleted" else path.write_bytes(b"no vectors")
    if damage == "overwritten":  # workers that remember them need not read them
        assert (run_client("down").returncode, run_client("up").returncode) == (0, 0)

    again = run_client("query", job_id, "-v", "blue, green", "-o", tmp_path / "again")

    assert again.returncode == 0, again.stderr
    assert rows(tmp_path / "again") == rows(tmp_path / "first")
    made = [path for path, data in kept.items() if path.exists() and path.read_bytes() == data]
    assert len(made) == 1
