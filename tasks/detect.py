"""The detect task: one part, from its message to its commit marker."""

import time
from functools import partial
from typing import TYPE_CHECKING

from api_client.contract import ChunkMarker, Stage
from api_client.contract.ids import JobId
from api_client.errors import IntegrityError
from api_client.queue.items import TASKS
from tasks.app import app
from tasks.delivered import attempt_delivered
from tasks.part_step import PartAttempt, PartStep
from tasks.processors import processors
from tasks.telemetry.worker import report_device
from tasks.work import DetectWork
from tasks.worker_name import worker_name

if TYPE_CHECKING:
    from celery import Task


@app.task(name=TASKS[Stage.DETECT], bind=True)
def detect_part(self: "Task", *, job_id: JobId, index: int) -> None:
    """Detect in one part. Delivered at least once; its result is stored exactly once."""
    step_of = partial(PartStep, work=detect)
    attempt_delivered(self, Stage.DETECT, step_of, job_id=job_id, index=index)


def detect(attempt: PartAttempt) -> ChunkMarker:
    """Look at a part's frames."""
    started = time.perf_counter()
    video_path = attempt.fetch_part()
    fetch_seconds = time.perf_counter() - started
    if video_path is None:
        raise IntegrityError("its part of the video is gone from the store or damaged: submit it again")
    output = processors().detect(
        DetectWork(
            manifest=attempt.job.manifest,
            chunk=attempt.chunk,
            video_path=video_path,
            output_dir=attempt.output_dir,
            store=attempt.job.connections.retrying_store,
            heartbeat=attempt.heartbeat,
            lock=attempt.job.shared_lock(lambda: attempt.heartbeat(0)),
        )
    )
    report_device(batch_frames=output.batch_frames, memory_bytes=output.device_memory_bytes)
    return ChunkMarker(
        outcome="done",
        detection_count=output.detection_count,
        near_misses=dict(output.near_misses),
        unreadable_frames=output.unreadable_frames,
        attempts=attempt.attempts,
        worker=worker_name(),
        seconds_by_stage={"fetch": fetch_seconds, **output.seconds_by_stage},
        detector_weights_digest=output.detector_weights_digest,
        detector_facts=dict(output.detector_facts),
        notes=output.notes,
        threshold=output.threshold,
    )
