"""What `client resume` forgets of a job that has ended, so that it is made again."""

from pathlib import Path

import pytest

from api_client.contract import ChunkMarker, Stage, TrackMarker, keys
from api_client.contract.marker import StoredFile
from api_client.job_files import JobFiles
from api_client.mending import forget_damage
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from tests.unit.client.stored_jobs import finish_job, store_job

OF_A_PART = {
    "detections.parquet": "jobs/{job}/detect/000001/detections.parquet",
    "regions.parquet": "jobs/{job}/detect/000001/regions.parquet",
    "000001.parquet": "jobs/{job}/track/000001.parquet",
}
"""Name → where it lies."""


@pytest.fixture
def files(alone: Settings, tmp_path: Path) -> JobFiles:
    """A job with its log and its video."""
    job = store_job(alone)
    result = finish_job(alone, job)
    files = JobFiles(open_store_of(alone), job.job_id)
    log = tuple(file for file in result.files if file.name != "annotated.mp4")
    files.write_tracked(TrackMarker(files=log, rows=(), detection_count=0, provenance={}))
    return files


def test_a_job_whose_results_are_whole_is_left_alone(files: JobFiles) -> None:
    forget_damage(files, files.manifest())

    assert files.result() is not None
    assert files.tracked() is not None


@pytest.mark.parametrize("name", ["detections.txt", "summary.json"])
def test_a_log_that_is_damaged_is_made_again(files: JobFiles, name: str) -> None:
    files.store.put(keys.result(files.job_id, name), b"other bytes")

    forget_damage(files, files.manifest())

    assert files.result() is None
    assert files.tracked() is None


def test_a_video_that_is_gone_is_put_together_again_and_its_log_is_kept(files: JobFiles) -> None:
    files.store.delete(keys.result(files.job_id, "annotated.mp4"))

    forget_damage(files, files.manifest())

    assert files.result() is None
    assert files.tracked() is not None


@pytest.fixture
def files_with_parts(files: JobFiles, tmp_path: Path) -> JobFiles:
    """The same, with what a worker stored of the second part, and what is to be drawn in it."""
    stored = []
    for name, key in OF_A_PART.items():
        (tmp_path / name).write_bytes(name.encode())
        files.store.put_file(key.format(job=files.job_id), tmp_path / name)
        stored.append(StoredFile.of(tmp_path / name))
    marker = ChunkMarker(outcome="done", worker="test", files=tuple(stored[:2]))
    files.write_part_marker(Stage.DETECT, 1, marker)
    log = files.tracked()
    assert log is not None
    files.write_tracked(log.model_copy(update={"rows": tuple(stored[2:])}))
    return files


@pytest.mark.parametrize("name", ["detections.parquet", "regions.parquet"])
def test_a_part_that_other_jobs_are_made_of_is_looked_at_again(files_with_parts: JobFiles, name: str) -> None:
    files = files_with_parts
    files.store.delete(OF_A_PART[name].format(job=files.job_id))

    forget_damage(files, files.manifest())

    assert files.part_marker(Stage.DETECT, 1) is None
    assert files.tracked() is None
    assert files.result() is None


def test_what_is_to_be_drawn_is_made_again_and_the_part_is_kept(files_with_parts: JobFiles) -> None:
    files = files_with_parts
    files.store.put(OF_A_PART["000001.parquet"].format(job=files.job_id), b"other bytes")

    forget_damage(files, files.manifest())

    assert files.part_marker(Stage.DETECT, 1) is not None
    assert files.tracked() is None
    assert files.result() is None


def test_parts_that_are_whole_are_left_alone(files_with_parts: JobFiles) -> None:
    files = files_with_parts

    forget_damage(files, files.manifest())

    assert files.part_marker(Stage.DETECT, 1) is not None
    assert files.result() is not None
