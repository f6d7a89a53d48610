"""YOLOv3 from Darknet's file, through real workers."""

import json
from pathlib import Path

import pytest

from api_client.contract.digest import file_sha256
from tests.integration.local.conftest import RunClient
from tests.unit.yolov3.darknet_files import write_weights

pytest.importorskip("torch", reason="torch is not there: pip install '.[detic]'")


def test_a_job_is_done_with_darknets_file(run_client: RunClient, clip: Path, tmp_path: Path) -> None:
    weights = tmp_path / "yolov3.weights"
    write_weights(weights)
    words = "person, dog, sofa, kitten"

    asked = ("submit", clip, "-v", words, "-d", "yolov3", "--weights", weights)
    done = run_client(*asked, "-t", ".9995", "--every", "30", "--no-video")  # random weights find a lot

    assert done.returncode == 0, done.stderr
    assert "cannot find 'kitten' (nearest: 'cat')" in done.stderr
    results = clip.parent / "squares-horatio"
    assert any(word in (results / "detections.txt").read_text() for word in ("person", "dog", "sofa"))
    said = json.loads((results / "job.json").read_text())["provenance"]["detector"]
    assert said["weights_sha256"] == [file_sha256(weights)]
    assert said["side_px"] == 416


def test_without_its_file_nothing_is_begun(run_client: RunClient, clip: Path) -> None:
    done = run_client("submit", clip, "-v", "dog", "-d", "yolov3")

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "'yolov3' needs its weights" in done.stderr
