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
from celery.signals import task_received, worker_init

from api_client.broker import connect
from api_client.celery_app import DETECT_CHUNK, FINISH_JOB
from api_client.contract.ids import JobId
from api_client.job_state import REDUCE, Item, JobState
from api_client.settings import Settings
from tasks.app import settings
from tasks.message import checked_ids

logger = logging.getLogger(__name__)
_LONGEST_START_SECONDS = 900.0
"""A child that has not started after that never will."""


class ReceivedItems:
    """What this worker's parent has taken. Renewing an item that was started meanwhile does nothing."""

    def __init__(self, of: Settings) -> None:
        self._settings = of
        self._taken_at: dict[tuple[JobId, Item], float] = {}

    def add(self, job_id: JobId, item: Item) -> None:
        """Note an item as taken."""
        self._taken_at[job_id, item] = time.monotonic()

    def renew_for_ever(self) -> None:
        """Run in a thread of the parent."""
        connection = connect(self._settings, retries=0)
        while True:
            time.sleep(self._settings.silence_seconds / 4)
            try:
                self.renew(connection)
            except redis.RedisError as error:
                logger.debug("no sign of life for what was received: %s", error)

    def renew(self, connection: "redis.Redis") -> None:
        """Renew every item taken lately."""
        for job_id, item in self._recent():
            JobState(connection, job_id).renew_sent(item)

    def _recent(self) -> Iterable[tuple[JobId, Item]]:
        oldest = time.monotonic() - _LONGEST_START_SECONDS
        for key, taken_at in [*self._taken_at.items()]:
            if taken_at < oldest:
                self._taken_at.pop(key, None)
        return [*self._taken_at]


_received: list[ReceivedItems] = []
"""One, in the parent of a worker; none elsewhere."""


@worker_init.connect
def _start(**_: object) -> None:
    _received[:] = [ReceivedItems(settings())]
    threading.Thread(target=_received[0].renew_for_ever, name="received", daemon=True).start()


@task_received.connect
def _note(request: Any = None, **_: object) -> None:
    kwargs = request.kwargs if isinstance(request.kwargs, dict) else {}
    job_id, index = kwargs.get("job_id"), kwargs.get("index", 0)
    if _received and request.name in (DETECT_CHUNK, FINISH_JOB) and checked_ids(job_id, index):
        _received[0].add(str(job_id), REDUCE if request.name == FINISH_JOB else str(index))
