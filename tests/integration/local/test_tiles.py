"""`--tiles`, through real workers."""

import json
from pathlib import Path

from tests.integration.local.conftest import RunClient

COLOUR = "python:tests.colour_detector:load"


def test_a_job_with_tiles_says_so_and_finds_the_same_squares(run_client: RunClient, clip: Path) -> None:
    results = clip.parent / "squares-horatio"

    done = run_client("submit", clip, "-v", "red, blue", "-d", COLOUR, "--tiles", "2x2", "--every", "6")

    assert done.returncode == 0, done.stderr
    said = json.loads((results / "job.json").read_text())["provenance"]
    assert said["tiles"] == {"columns": 2, "rows": 2, "overlap": 0.2}
    assert said["detector"]["tiles"]["whole_frame_too"] is True
    log = [json.loads(line) for line in (results / "detections.jsonl").read_text().splitlines()]
    first = log[0]["detections"]
    assert sorted(one["class_name"] for one in first) == ["blue", "red"]


def test_tiles_that_cannot_be_are_one_line(run_client: RunClient, clip: Path) -> None:
    done = run_client("submit", clip, "-v", "red", "-d", COLOUR, "--tiles", "many")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "write columns and rows, e.g. 2x2" in done.stderr
