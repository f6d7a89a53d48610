"""Sending work: messages carry ids, never data, and only a few of a job are in the queue at a time.

The rest of a job waits in its backlog, and each part that is started sends the next. So jobs share the
workers fairly however long they are, cancelling is immediate, and Redis holds little.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import redis

from api_client.contract.ids import JobId
from api_client.contract.stages import Stage
from api_client.queue.items import QUEUES, TASKS, Item
from api_client.queue.job_state import JobState, RedisCalls, at_once
from api_client.settings import Settings

if TYPE_CHECKING:
    from celery import Celery

ITEM_HEADER = "horatio_item"
"""A message's "job/item", where it can be read without decoding the body."""


class _NoResult:
    """In place of Celery's: results are in the store. Celery's would load what it keeps results in."""

    def __init__(self, task_id: str) -> None:
        self.id = task_id
        self.ignored = True


class Dispatcher:
    """Enqueues items of work. At-least-once: sending twice is harmless, the store decides."""

    def __init__(
        self,
        app: "Celery",
        connection: "redis.Redis",
        settings: Settings,
        *,
        call_redis: RedisCalls = at_once,
    ) -> None:
        self._app = app
        self._redis = connection
        self._settings = settings
        self._call_redis = call_redis

    def enqueue_parts(self, job_id: JobId, stage: Stage, indices: Iterable[int]) -> int:
        """Put parts into the backlog and send the first of them; return how many were put."""
        wanted = [Item(stage=stage, index=index) for index in indices]
        self._state(job_id).add_to_backlog(wanted)
        self.send_next(job_id)
        return len(wanted)

    def send_next(self, job_id: JobId) -> None:
        """Send parts from the backlog, so that `queued_per_job` of them are in the queue."""
        for item in self._state(job_id).take_next(most_sent=self._settings.queued_per_job):
            self._send(job_id, item)

    def enqueue_whole(self, job_id: JobId, stage: Stage) -> bool:
        """Send a stage of the whole job, unless somebody has it; return whether it was this call."""
        item = Item(stage=stage)
        claimed = self._state(job_id).claim(item, silence_seconds=self._settings.silence_seconds)
        if claimed:
            self._send(job_id, item)
        return claimed

    def queued_items(self) -> set[tuple[JobId, Item]]:
        """(job, item) of every message that no worker has taken yet."""
        raw = [message for queue in set(QUEUES.values()) for message in self._redis.lrange(queue, 0, -1)]
        return {item for message in raw if (item := _item_of(message)) is not None}

    def _send(self, job_id: JobId, item: Item) -> None:
        index = {} if item.index is None else {"index": item.index}
        self._call_redis(
            lambda: self._app.send_task(
                TASKS[item.stage],
                kwargs={"job_id": job_id, **index},
                kwargsrepr=_for_people(job_id, item),  # in Flower, in logs
                headers={ITEM_HEADER: f"{job_id}/{item}"},
                ignore_result=True,
                result_cls=_NoResult,
            )
        )

    def _state(self, job_id: JobId) -> JobState:
        return JobState(self._redis, job_id, call_redis=self._call_redis)


def _for_people(job_id: JobId, item: Item) -> str:
    return f"job {job_id}" if item.index is None else f"chunk {item.index} of job {job_id}"


def _item_of(message: str | bytes) -> tuple[JobId, Item] | None:
    """None for what is no message of ours: anybody who reaches Redis can put anything there."""
    try:
        job_id, _, item = str(json.loads(message)["headers"][ITEM_HEADER]).partition("/")
        return job_id, Item.of(item)
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
