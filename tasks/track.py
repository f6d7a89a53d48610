"""The track task: what was detected in the parts becomes the log of the whole video."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from celery.signals import worker_init

from api_client.contract import Stage
from api_client.contract.ids import JobId
from api_client.queue.items import QUEUES, TASKS
from api_client.scratch import scratch_directory
from tasks.app import app
from tasks.conclusion import conclude, fail_job
from tasks.delivered import attempt_delivered
from tasks.job import Job
from tasks.whole_step import WholeStep

if TYPE_CHECKING:
    from celery import Task


@app.task(name=TASKS[Stage.TRACK], bind=True)
def track_job(self: "Task", *, job_id: JobId) -> None:
    """Write a job's log, or send back for what is missing. One whose log is there goes on."""
    step_of = partial(WholeStep, work=track, give_up=fail_job)
    attempt_delivered(self, Stage.TRACK, step_of, job_id=job_id)


def track(job: Job, heartbeat: Callable[[], None]) -> None:
    """Write and commit the log; with it the job ends, where nobody wants a video."""
    from tasks.log.making import detect_markers, make_log  # deferred: see `_load`

    markers = detect_markers(job)
    if all(marker.outcome == "failed" for marker in markers):
        fail_job(job, f"no chunk could be processed: {markers[0].reason}")
        return
    with scratch_directory("track") as directory:
        marker = make_log(job, markers, directory, heartbeat)
    job.files.write_tracked(marker)
    if Stage.RENDER not in job.manifest.stages:
        conclude(job, marker)


@worker_init.connect
def _load(**_: object) -> None:
    """Where jobs are followed, before the pool forks. A worker that only detects starts without it."""
    if QUEUES[Stage.TRACK] in app.amqp.queues.consume_from:
        for module in ("scipy.optimize", "tasks.log.making", "tasks.video.assembling"):
            import_module(module)
