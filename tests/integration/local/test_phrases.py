"""Phrases, from the command line through real workers to the log, and asked again."""

import json
from pathlib import Path

import pytest

from tests.integration.jobs.results import frames_of
from tests.integration.local.conftest import REPOSITORY, RunClient

RIDERS = REPOSITORY.parent / "shared/pocket-data/images/val/coco_000000214753.jpg"


def labels(directory: Path) -> list[str]:
    return sorted(found["class_name"] for frame in frames_of(directory) for found in frame["detections"])


@pytest.mark.skipif(not RIDERS.is_file(), reason="needs the photographs in ../shared")
def test_a_phrase_is_found_and_asked_of_what_was_seen(run_client: RunClient, tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"

    done = run_client("submit", RIDERS, "-v", "person riding a horse, horse", "-o", first, "--json")
    assert done.returncode == 0, done.stderr
    job_id = json.loads(done.stdout)["job_id"]
    asked = run_client("query", job_id, "-v", "person, person on horse, person under horse", "-o", again)

    assert asked.returncode == 0, asked.stderr
    assert labels(first).count("person riding a horse") == 2
    assert set(labels(first)) == {"horse", "person riding a horse"}
    assert labels(again) == ["person on horse", "person on horse"]
    said = json.loads((first / "job.json").read_text())["provenance"]["detector"]
    assert said["phrases"] == {"person riding a horse": "person | riding | horse"}
    assert "as person | riding | horse" in done.stderr
    coloured = run_client("query", job_id, "-v", "black horse, red horse", "-o", tmp_path / "coloured")
    assert coloured.returncode == 0, coloured.stderr
    assert set(labels(tmp_path / "coloured")) == {"black horse"}
    searched = run_client("search", "black horse, red horse, person on horse", "--json")
    words = {json.loads(line)["word"] for line in searched.stdout.splitlines()}
    assert words == {"black horse", "person on horse"}, searched.stderr


def test_half_a_phrase_is_one_line_before_anything_starts(run_client: RunClient, clip: Path) -> None:
    done = run_client("submit", clip, "-v", "person on, bench")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "'person on' does not say what it is 'on'" in done.stderr
