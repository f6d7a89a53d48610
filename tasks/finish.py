"""The reduce task: a job whose chunks are all finished becomes a result."""

from typing import TYPE_CHECKING

from api_client.contract.ids import JobId
from api_client.queue.celery_app import FINISH_JOB
from api_client.queue.job_state import REDUCE
from tasks.app import app
from tasks.attempt import Attempt
from tasks.connections import connections
from tasks.message import checked_ids, is_redelivered
from tasks.reduction import ReduceStep

if TYPE_CHECKING:
    from celery import Task


@app.task(name=FINISH_JOB, bind=True)
def finish_job(self: "Task", *, job_id: JobId) -> None:
    """Reduce a job, or send back for what is missing. A finished job is left alone."""
    if checked_ids(job_id):
        to = connections()
        Attempt(to, job_id, REDUCE, ReduceStep(to, job_id)).run(redelivered=is_redelivered(self))
