"""The embed task: the words that are asked of kept regions, as vectors, where the detector's encoder runs.

They are stored under the vocabulary, for every job that asks the same: who asks again needs no encoder.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from api_client.contract import Stage
from api_client.contract.ids import JobId
from api_client.queue.items import TASKS
from tasks.app import app
from tasks.conclusion import fail_job
from tasks.delivered import attempt_delivered
from tasks.job import Job
from tasks.processors import processors
from tasks.whole_step import WholeStep
from tasks.work import EmbedWork

if TYPE_CHECKING:
    from celery import Task


@app.task(name=TASKS[Stage.EMBED], bind=True)
def embed_words(self: "Task", *, job_id: JobId) -> None:
    """Embed a job's words. Delivered at least once; its result is stored exactly once."""
    step_of = partial(WholeStep, work=embed, give_up=fail_job)
    attempt_delivered(self, Stage.EMBED, step_of, job_id=job_id)


def embed(job: Job, heartbeat: Callable[[], None]) -> None:
    """Embed: what is stored under the words says that it is done."""
    processors().embed(
        EmbedWork(
            job=job.manifest.job,
            store=job.connections.retrying_store,
            heartbeat=lambda _: heartbeat(),
            lock=job.shared_lock(heartbeat),
        )
    )
