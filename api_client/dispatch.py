"""Sending work: messages carry ids, never data."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import redis

from api_client.celery_app import DETECT_CHUNK, FINISH_JOB
from api_client.contract.ids import JobId
from api_client.job_state import JobState

if TYPE_CHECKING:
    from celery import Celery


class Dispatcher:
    """Enqueues chunks and reducers. At-least-once: sending twice is harmless, the store decides."""

    def __init__(self, app: "Celery", connection: "redis.Redis") -> None:
        self._app = app
        self._redis = connection

    def detect(self, job_id: JobId, indices: Iterable[int]) -> int:
        """Enqueue chunks, noted as outstanding first; return how many."""
        wanted = list(indices)
        JobState(self._redis, job_id).add_outstanding(wanted)
        with self._app.producer_or_acquire() as producer:
            for index in wanted:
                self._app.send_task(
                    DETECT_CHUNK,
                    kwargs={"job_id": job_id, "index": index},
                    kwargsrepr=f"chunk {index} of job {job_id}",  # in Flower and in logs
                    producer=producer,
                )
        return len(wanted)

    def finish(self, job_id: JobId) -> None:
        """Enqueue the reducer."""
        self._app.send_task(FINISH_JOB, kwargs={"job_id": job_id}, kwargsrepr=f"job {job_id}")
