"""The detect task: one chunk, from its message to its commit marker."""

from typing import TYPE_CHECKING

from api_client.contract.ids import JobId
from api_client.queue.celery_app import DETECT_CHUNK
from tasks.app import app
from tasks.attempt import Attempt
from tasks.chunk import ChunkStep
from tasks.connections import connections
from tasks.message import checked_ids, is_redelivered

if TYPE_CHECKING:
    from celery import Task


@app.task(name=DETECT_CHUNK, bind=True)
def detect_chunk(self: "Task", *, job_id: JobId, index: int) -> None:
    """Detect in one chunk. Delivered at least once; its result is stored exactly once."""
    if checked_ids(job_id, index):
        to = connections()
        step = ChunkStep(to, job_id, index)
        Attempt(to, job_id, str(index), step).run(redelivered=is_redelivered(self))
