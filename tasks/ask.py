"""The ask task: other words asked of the regions that another job kept of a part. No frame is decoded."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.contract import ChunkMarker, Manifest, Stage
from api_client.contract.ids import JobId
from api_client.queue.items import TASKS, Item
from tasks.app import app
from tasks.damage import DamagedOutputError, EmbeddingsAbsentError, fetch_output, part_marker
from tasks.delivered import attempt_delivered
from tasks.job import Job
from tasks.part_step import PartAttempt, PartStep
from tasks.processors import processors
from tasks.work import AskWork
from tasks.worker_name import worker_name

if TYPE_CHECKING:
    from celery import Task

INDEX, LOG = "regions.parquet", "detections.parquet"


@app.task(name=TASKS[Stage.ASK], bind=True)
def ask_part(self: "Task", *, job_id: JobId, index: int) -> None:
    """Ask of one part. Delivered at least once; its result is stored exactly once."""
    step_of = partial(PartStep, work=ask)
    attempt_delivered(self, Stage.ASK, step_of, job_id=job_id, index=index)


def ask(attempt: PartAttempt) -> ChunkMarker:
    """Ask the job's words of a part's regions. What could not be looked at then is a gap now."""
    started = time.perf_counter()
    then = _fetched(attempt)
    if then.marker.outcome == "failed":
        return ChunkMarker(
            outcome="failed",
            reason=then.marker.reason,
            attempts=attempt.attempts,
            worker=worker_name(),
        )
    fetch_seconds = time.perf_counter() - started
    attempt.heartbeat(0)
    output = processors().ask(
        AskWork(
            manifest=attempt.job.manifest,
            then=then.manifest,
            threshold_then=then.marker.threshold,
            index_path=then.index_path,
            log_path=then.log_path,
            output_dir=attempt.output_dir,
            store=attempt.job.connections.retrying_store,
        )
    )
    attempt.heartbeat(attempt.chunk.frame_count)
    if output is None:
        raise _without_embeddings(attempt.job)
    return ChunkMarker(
        outcome="done",
        detection_count=output.detection_count,
        near_misses=dict(output.near_misses),
        unreadable_frames=then.marker.unreadable_frames,
        attempts=attempt.attempts,
        worker=worker_name(),
        seconds_by_stage={"fetch": fetch_seconds, **output.seconds_by_stage},
        detector_weights_digest=then.marker.detector_weights_digest,
        threshold=output.threshold,
        asked=output.asked,
    )


def _without_embeddings(job: Job) -> DamagedOutputError:
    """What is gone may be on its way again; what is there and cannot be read is not."""
    key, item = job.manifest.embeddings_key, Item(stage=Stage.EMBED)
    if key is not None and job.connections.store.exists(key):
        return DamagedOutputError("the embeddings of the words are damaged in the store", job.job_id, item)
    return EmbeddingsAbsentError("the embeddings of the words are gone from the store", job.job_id, item)


@dataclass(frozen=True, kw_only=True)
class _Then:
    """What is stored of the part by the job that looked at it."""

    manifest: Manifest
    marker: ChunkMarker
    index_path: Path
    log_path: Path


def _fetched(attempt: PartAttempt) -> _Then:
    job, index = attempt.job, attempt.chunk.index
    regions_of = _looked_job(job)
    files = job.connections.files(regions_of)
    item = Item(stage=Stage.DETECT, index=index)
    marker = part_marker(files, item)
    paths = {name: attempt.directory / name for name in (INDEX, LOG)}
    if marker.outcome == "done":
        paths = {name: fetch_output(files, item, marker, name, attempt.directory) for name in paths}
    return _Then(
        manifest=job.connections.manifest(regions_of),
        marker=marker,
        index_path=paths[INDEX],
        log_path=paths[LOG],
    )


def _looked_job(job: Job) -> JobId:
    regions_of = job.manifest.document.regions_of
    assert regions_of is not None, "this stage is of jobs that ask another's regions"
    return regions_of
