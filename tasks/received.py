"""Signs of life for messages that a worker's parent has taken and its child has not started yet.

The child may be loading a detector for minutes. A worker that is killed meanwhile falls silent, and a
reconciler sends what it had to another.
"""

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

import redis
from celery.signals import worker_init
from celery.worker import state

from api_client.contract.ids import JobId
from api_client.queue.broker import connect
from api_client.queue.items import TASKS, Item
from api_client.queue.job_state import JobState
from api_client.settings import Settings
from tasks.app import settings
from tasks.message import checked_ids

logger = logging.getLogger(__name__)
_STAGES = {task: stage for stage, task in TASKS.items()}


def renew_received(connection: "redis.Redis", requests: Iterable[Any]) -> None:
    """Renew the items of these messages. Nothing happens to those that were started meanwhile."""
    for request in requests:
        found = _item_of(request)
        if found is not None:
            job_id, item = found
            JobState(connection, job_id).renew_sent(item)


def _item_of(request: Any) -> tuple[JobId, Item] | None:
    kwargs = request.kwargs if isinstance(request.kwargs, dict) else {}
    job_id, index = kwargs.get("job_id"), kwargs.get("index", 0)
    stage = _STAGES.get(request.name)
    if stage is None or not checked_ids(job_id, index):
        return None
    return str(job_id), Item(stage=stage, index=index if stage.is_by_part else None)


def _renew_for_ever(of: Settings) -> None:
    """In a thread of the parent. Celery knows what it has received and not finished."""
    connection = connect(of, retries=0)
    while True:
        time.sleep(of.silence_seconds / 4)
        try:
            renew_received(connection, [*state.reserved_requests])
        except (redis.RedisError, RuntimeError) as error:  # away, or the set changed while it was read
            logger.debug("no sign of life for what was received: %s", error)


@worker_init.connect
def _start(**_: object) -> None:
    threading.Thread(target=_renew_for_ever, args=(settings(),), name="received", daemon=True).start()
