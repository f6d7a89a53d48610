"""Models of transformers, through real workers."""

import json
from pathlib import Path

import pytest

from tests.integration.local.conftest import RunClient

pytest.importorskip("transformers", reason="transformers is not there: pip install '.[hf]'")

from tests.unit.hf.tiny_models import write_model
from workers.detectors.hf.digest import folder_digest


@pytest.mark.parametrize(
    ("family", "words", "note"),
    [
        ("grounding-dino", "dog, cell phone", None),
        ("rt_detr_v2", "person, car, dog, cell phone, couch, kitten", "cannot find 'kitten'"),
    ],
)
def test_a_job_is_done_with_a_model_in_a_folder(
    run_client: RunClient, clip: Path, tmp_path: Path, family: str, words: str, note: str | None
) -> None:
    folder = write_model(family, tmp_path / family)

    done = run_client("submit", clip, "-v", words, "-d", f"hf:{folder}", "-t", "0", "--every", "12")

    assert done.returncode == 0, done.stderr
    results = clip.parent / "squares-horatio"
    text = (results / "detections.txt").read_text()
    assert any(word in text for word in words.split(", "))
    said = json.loads((results / "job.json").read_text())["provenance"]["detector"]
    assert said["weights_sha256"] == [folder_digest(folder)]
    assert said["family"] == family
    assert (note or "") in done.stderr
