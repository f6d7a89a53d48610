"""How a job ends whose video could not be made, with the stage called in this process."""

from dataclasses import replace
from pathlib import Path

import pytest

from api_client.cli.exit_status import FAILED, WITH_GAPS, status_of
from api_client.contract import ChunkMarker, JobResult, Manifest, Stage, TrackMarker, keys
from api_client.contract.marker import StoredFile
from api_client.settings import Settings
from api_client.status import read_status
from tasks.assemble import assemble
from tasks.connections import WorkerConnections
from tasks.job import Job
from tasks.video.black_segment import write_black_segment
from tests.manifests import store_manifest

LOG = StoredFile(name="detections.jsonl", size_bytes=1, sha256="0" * 64)
UNDRAWABLE = ChunkMarker(outcome="failed", reason="every worker that tried it died", worker="test")


@pytest.fixture
def tracked_job(settings: Settings, two_chunks: Manifest) -> Job:
    """A job whose log is there."""
    connections = WorkerConnections(settings)
    store_manifest(connections.store, two_chunks)
    job = Job(connections=connections, job_id=two_chunks.job_id)
    job.files.write_tracked(TrackMarker(files=(LOG,), rows=(), detection_count=3, provenance={}))
    return job


def draw(job: Job, index: int, path: Path) -> None:
    """As a worker does."""
    write_black_segment(path, job.manifest.video, job.manifest.chunks[index])
    job.files.store.put_file(keys.part_output(job.job_id, Stage.RENDER, index, path.name), path)
    marker = ChunkMarker(outcome="done", worker="test", files=(StoredFile.of(path),))
    job.files.write_part_marker(Stage.RENDER, index, marker)


def ended(job: Job) -> tuple[JobResult, int]:
    assemble(job, lambda: None)
    result = job.files.result()
    assert result is not None
    return result, status_of(read_status(job.files, job.manifest, None))


def test_a_job_no_part_of_which_could_be_drawn_ends_with_its_log_and_no_video(tracked_job: Job) -> None:
    for index in (0, 1):
        tracked_job.files.write_part_marker(Stage.RENDER, index, UNDRAWABLE)

    result, exit_status = ended(tracked_job)

    assert (exit_status, result.files, result.detection_count) == (WITH_GAPS, (LOG,), 3)
    assert result.notes == (
        "there is no video: it could not be put together: no part of it could be drawn: "
        "every worker that tried it died",
    )


def test_a_job_a_part_of_which_could_not_be_drawn_says_which_frames_are_black(
    tracked_job: Job, tmp_path: Path
) -> None:
    draw(tracked_job, 0, tmp_path / "segment.mp4")
    tracked_job.files.write_part_marker(Stage.RENDER, 1, UNDRAWABLE)

    result, exit_status = ended(tracked_job)

    assert (exit_status, [file.name for file in result.files]) == (WITH_GAPS, [LOG.name, "annotated.mp4"])
    assert result.notes == ("frames 10 to 19 of the video are black: every worker that tried it died",)


def test_a_rendering_of_another_jobs_log_that_could_not_be_drawn_has_failed(tracked_job: Job) -> None:
    log = tracked_job.manifest
    document = log.document.model_copy(update={"job_id": "again", "log_of": log.job_id})
    store_manifest(tracked_job.files.store, replace(log, document=document))
    again = Job(connections=tracked_job.connections, job_id="again")
    for index in (0, 1):
        again.files.write_part_marker(Stage.RENDER, index, UNDRAWABLE)

    result, exit_status = ended(again)

    assert (exit_status, result.state) == (FAILED, "failed")
    assert "no part of it could be drawn" in str(result.reason)
