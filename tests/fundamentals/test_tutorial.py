"""Horatio in one file: what a user of the Python API does, on a machine with nothing running."""

from pathlib import Path

import pytest

from api_client import Client, JobStatus, Settings, verify_result
from tests.clips import write_clip


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Nothing configured but a home of the test's own, and leave to run the tests' small detector."""
    monkeypatch.delenv("HORATIO_BROKER_URL", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return Settings.load(home=tmp_path / "home", chunk_frames=12, allow_python_detectors=True, device="cpu")


def test_find_things_in_a_video(settings: Settings, tmp_path: Path) -> None:
    video = write_clip(tmp_path / "squares.mp4", frames=36, gop=12)
    seen: list[JobStatus] = []

    with Client(settings) as client:
        job_id = client.submit(
            video,
            vocabulary=["red square", "blue square", "hoverboard"],
            detector="python:tests.colour_detector:load",
        )
        seen += client.watch(job_id)
        fetched = client.fetch(job_id, tmp_path / "results")

    # the job went its way
    assert seen[-1].state == "completed"
    assert seen[-1].frames_done == seen[-1].frames_total == 36

    # the annotated video has every frame of the input, once, at its time
    assert fetched.video_path == tmp_path / "results" / "squares-annotated.mp4"
    assert verify_result(video, tmp_path / "results").differences == ()

    # the log says what was where
    rows = fetched.detections().to_pylist()
    first = next(row for row in rows if row["class_name"] == "red square")
    assert (first["frame_index"], first["time_seconds"]) == (0, 0.0)
    assert [first[side] for side in ("x_min", "y_min", "x_max", "y_max")] == pytest.approx(
        [0, 8, 24, 32], abs=2
    )

    # the summary says it in a few words
    found = fetched.found()
    assert {word.word: word.frames for word in found.words} == {"red square": 36, "blue square": 36}
    assert [word.word for word in found.missed] == ["hoverboard"]
