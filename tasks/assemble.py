"""The assemble task: rendered parts become one video with the original sound, or annotated pictures."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from api_client.contract import Stage
from api_client.contract.ids import JobId
from api_client.queue.items import TASKS
from api_client.scratch import scratch_directory
from tasks.app import app
from tasks.conclusion import conclude, fail_job
from tasks.delivered import attempt_delivered
from tasks.job import Job
from tasks.log.provenance import total_seconds
from tasks.render import log_of
from tasks.whole_step import WholeStep

if TYPE_CHECKING:
    from celery import Task


@app.task(name=TASKS[Stage.ASSEMBLE], bind=True)
def assemble_job(self: "Task", *, job_id: JobId) -> None:
    """Put a job's video together, or send back for what is missing."""
    step_of = partial(WholeStep, work=assemble, give_up=end_without_video)
    attempt_delivered(self, Stage.ASSEMBLE, step_of, job_id=job_id)


def assemble(job: Job, heartbeat: Callable[[], None]) -> None:
    """Write the video and end the job; without a video where no part of it could be drawn."""
    from tasks.video.assembling import assembled, rendered_markers  # deferred: a worker may detect alone

    tracked = log_of(job.connections.files(job.manifest.log_job_id))
    with scratch_directory("assemble") as directory:
        markers = rendered_markers(job)
        failures = [marker.reason for marker in markers if marker.outcome == "failed"]
        if len(failures) == len(markers):
            end_without_video(job, f"no part of it could be drawn: {failures[0]}")
            return
        shown = assembled(job, tracked, markers, directory, heartbeat)
        conclude(
            job,
            tracked,
            video=shown.path,
            pictures=shown.pictures,
            notes=shown.notes,
            lacks_pictures=bool(failures),
            seconds=total_seconds(markers),
        )


def end_without_video(job: Job, reason: str) -> None:
    """End the job with its log alone: what was found is not lost. One that has no log of its own fails."""
    tracked = job.files.tracked()
    if tracked is None:
        fail_job(job, f"the video could not be put together: {reason}")
    else:
        notes = (f"there is no video: it could not be put together: {reason}",)
        conclude(job, tracked, notes=notes, lacks_pictures=True)
