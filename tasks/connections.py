"""The connections of a worker process: it waits for Redis and the store where a client would give up."""

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TypeVar

import redis

from api_client.contract import Manifest
from api_client.contract.ids import JobId
from api_client.job_files import JobFiles
from api_client.queue.broker import connect
from api_client.queue.connections import Connections
from api_client.queue.job_state import JobState, RedisCalls
from tasks.app import app, settings
from tasks.recent_manifests import RecentManifests
from tasks.retrying import RetryingStore, redis_is_away, repeated
from tasks.shutdown import raise_if_stopping

T = TypeVar("T")


class WorkerConnections(Connections):
    """As a client's, but waiting for what is away, until told to stop."""

    @cached_property
    def _manifests(self) -> RecentManifests:
        return RecentManifests(lambda job_id: self.files(job_id).manifest())

    @cached_property
    def _redis_at_once(self) -> "redis.Redis":
        return connect(self.settings, retries=0)

    @property
    def call_redis(self) -> RedisCalls:
        """Redis is waited for as long as this worker lives."""
        return self._until_redis_answers

    @property
    def retrying_store(self) -> RetryingStore:
        """The store, which is waited for a bounded time."""
        return RetryingStore(
            self.store, seconds=self.settings.store_wait_seconds, interrupt=self.raise_if_stopping
        )

    def files(self, job_id: JobId) -> JobFiles:
        """One job's objects."""
        return JobFiles(self.retrying_store, job_id)

    def manifest(self, job_id: JobId) -> Manifest:
        """Return a job's manifest, read once while others do not crowd it out: it never changes."""
        return self._manifests.get(job_id)

    def state_at_once(self, job_id: JobId) -> JobState:
        """What Redis knows of a job, through a connection that never waits: for signs of life."""
        return JobState(self._redis_at_once, job_id)

    def raise_if_stopping(self) -> None:
        """Raise `WorkerStoppingError` once the shutdown grace is over."""
        raise_if_stopping(grace_seconds=self.settings.shutdown_grace_seconds)

    def _until_redis_answers(self, call: Callable[[], T], /) -> T:
        return repeated(call, while_=redis_is_away, interrupt=self.raise_if_stopping)


@lru_cache(maxsize=1)
def connections() -> WorkerConnections:
    """Return this process's connections; the first call, in the child, makes them."""
    return WorkerConnections(settings(), app=app, redis_retries=1)
