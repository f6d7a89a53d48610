"""`client query`: what cannot be asked is refused in one line, before any job is made."""

from pathlib import Path

import numpy as np
import pytest

from api_client import Client
from api_client.cli.main import run
from api_client.contract import Manifest, Stage, TrackMarker, keys
from api_client.detectors import SHIPPED_WEIGHTS
from api_client.job_files import JobFiles
from api_client.log.regions import write_index
from api_client.query import Query, queried
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from tests.unit.client.stored_jobs import store_job
from tests.unit.regions.indexes import box, built, header
from vocabularies.learnt_file import LearntEntries, learnt_bytes


def keep_regions(settings: Settings, job: Manifest, directory: Path, weights: str) -> None:
    """As a worker that looked with these weights leaves them."""
    path = directory / keys.REGIONS
    write_index(path, built([[(box(0), 0.9, 1)]], header(weights_digest=weights)))
    store = open_store_of(settings)
    store.put_file(keys.part_output(job.job_id, Stage.DETECT, 0, path.name), path)


@pytest.fixture
def looked(cluster: Settings) -> Manifest:
    """A job whose log is there, and that kept no regions."""
    job = store_job(cluster)
    marker = TrackMarker(files=(), rows=(), detection_count=0, provenance={"threshold": 0.5})
    JobFiles(open_store_of(cluster), job.job_id).write_tracked(marker)
    return job


def learnt_file(directory: Path, *, detector: str = "pocket", weights: str = "ab" * 32) -> Path:
    """A `.vocab` as `client learn` writes it."""
    entries = LearntEntries(
        labels=("pug", "beagle"), examples_E=np.array([3, 3], np.int32),
        weights_EG=np.eye(2, dtype=np.float32), bias_E=np.zeros(2, np.float32), slope=1.0, offset=0.0,
        space="pocket-1", detector=detector, weights_digest=weights,
    )  # fmt: skip
    path = directory / "dogs.vocab"
    path.write_bytes(learnt_bytes(entries))
    return path


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_job_that_kept_no_regions(
    cluster: Settings, looked: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, "query", looked.job_id, "-v", "ladder")

    assert f"job {looked.job_id} kept no regions" in line
    assert [job.job_id for job in Client(cluster).jobs()] == [looked.job_id]


def test_regions_of_another_version_of_the_detector(
    cluster: Settings, looked: Manifest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_regions(cluster, looked, tmp_path, weights="ab" * 32)

    line = refusal(capsys, "query", looked.job_id, "-v", "ladder")

    assert "kept by another version of the detector 'pocket' (weights abababababab…" in line


def test_what_was_learnt_with_another_detector(
    cluster: Settings, looked: Manifest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_regions(cluster, looked, tmp_path, weights=SHIPPED_WEIGHTS["pocket"])
    path = learnt_file(tmp_path, detector="detic-r50")

    line = refusal(capsys, "query", looked.job_id, "-v", str(path))

    assert "'pug' was learnt with the detector 'detic-r50', and 'pocket' is to look" in line


def test_words_that_nobody_embedded_are_embedded_first_and_others_are_not(
    cluster: Settings, looked: Manifest, tmp_path: Path
) -> None:
    keep_regions(cluster, looked, tmp_path, weights=SHIPPED_WEIGHTS["pocket"])
    store = open_store_of(cluster)
    asked = queried(JobFiles(store, looked.job_id), Query(vocabulary=["ladder"]))
    files = JobFiles(store, asked.job_id)

    before = files.stage_at_work(asked)[0]
    store.put(keys.embeddings("words", asked.job.vocabulary.digest), b"vectors")
    after = files.stage_at_work(asked)[0]

    assert asked.stages == (Stage.EMBED, Stage.ASK, Stage.TRACK)
    assert (before, after) == (Stage.EMBED, Stage.ASK)
    assert asked.document.regions_of == looked.job_id


def test_what_was_learnt_is_stored_for_the_workers(
    cluster: Settings, looked: Manifest, tmp_path: Path
) -> None:
    keep_regions(cluster, looked, tmp_path, weights=SHIPPED_WEIGHTS["pocket"])
    path = learnt_file(tmp_path, weights=SHIPPED_WEIGHTS["pocket"])

    with Client(cluster) as client:
        asked = JobFiles(open_store_of(cluster), client.query(looked.job_id, f"{path}, cat:0.4")).manifest()

    learnt = asked.job.vocabulary.learnt
    assert learnt is not None
    assert asked.job.vocabulary.labels == ("cat", "pug", "beagle")
    assert open_store_of(cluster).get(keys.learnt(learnt.sha256)) == path.read_bytes()
