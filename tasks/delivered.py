"""From a message to an attempt at the item it names: the same for every stage."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from api_client.contract import Stage
from api_client.queue.items import Item
from tasks.attempt import Attempt, Step
from tasks.connections import connections
from tasks.job import Job
from tasks.message import checked_ids, is_redelivered

if TYPE_CHECKING:
    from celery import Task


def attempt_delivered(
    task: "Task", stage: Stage, step_of: Callable[[Job, Item], Step], *, job_id: str, index: int | None = None
) -> None:
    """Attempt the item; a message that names none is dropped.

    index: what the message of a stage by part says; None for the whole job's.
    """
    if checked_ids(job_id, index if stage.is_by_part else 0):
        job, item = Job(connections=connections(), job_id=job_id), Item(stage=stage, index=index)
        Attempt(job, item, step_of(job, item)).run(redelivered=is_redelivered(task))
