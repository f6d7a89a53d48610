"""What `client resume` forgets of a job that has ended, so that it is made again."""

from pathlib import Path

import pytest

from api_client.contract import TrackMarker, keys
from api_client.job_files import JobFiles
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from tests.unit.client.stored_jobs import finish_job, store_job


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
    files.forget_damage()

    assert files.result() is not None
    assert files.tracked() is not None


@pytest.mark.parametrize("name", ["detections.txt", "summary.json"])
def test_a_log_that_is_damaged_is_made_again(files: JobFiles, name: str) -> None:
    files.store.put(keys.result(files.job_id, name), b"other bytes")

    files.forget_damage()

    assert files.result() is None
    assert files.tracked() is None


def test_a_video_that_is_gone_is_put_together_again_and_its_log_is_kept(files: JobFiles) -> None:
    files.store.delete(keys.result(files.job_id, "annotated.mp4"))

    files.forget_damage()

    assert files.result() is None
    assert files.tracked() is not None
