"""The track task: what was detected in the parts becomes the log of the whole video."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from api_client.contract import Stage
from api_client.contract.ids import JobId
from api_client.queue.items import TASKS, Item
from api_client.scratch import scratch_directory
from tasks.app import app
from tasks.attempt import Attempt
from tasks.conclusion import conclude, fail_job
from tasks.connections import connections
from tasks.job import Job
from tasks.log.making import detect_markers, make_log
from tasks.message import checked_ids, is_redelivered
from tasks.whole_step import WholeStep

if TYPE_CHECKING:
    from celery import Task


@app.task(name=TASKS[Stage.TRACK], bind=True)
def track_job(self: "Task", *, job_id: JobId) -> None:
    """Write a job's log, or send back for what is missing. One whose log is there goes on."""
    if checked_ids(job_id):
        job, item = Job(connections=connections(), job_id=job_id), Item(stage=Stage.TRACK)
        step = WholeStep(job, item, work=track, give_up=fail_job)
        Attempt(job, item, step).run(redelivered=is_redelivered(self))


def track(job: Job, heartbeat: Callable[[], None]) -> None:
    """Write and commit the log; with it the job ends, where nobody wants a video."""
    markers = detect_markers(job)
    if all(marker.outcome == "failed" for marker in markers):
        fail_job(job, f"no chunk could be processed: {markers[0].reason}")
        return
    with scratch_directory("track") as directory:
        marker = make_log(job, markers, directory, heartbeat)
    job.files.write_tracked(marker)
    if Stage.RENDER not in job.manifest.stages:
        conclude(job, marker)
