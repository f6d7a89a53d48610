"""Store, Redis and queue of one process, each made when first used (so never before a fork)."""

from functools import cached_property
from typing import TYPE_CHECKING

import redis

from api_client.contract.ids import JobId
from api_client.job_files import JobFiles
from api_client.queue.broker import connect
from api_client.queue.celery_app import make_app
from api_client.queue.dispatch import Dispatcher
from api_client.queue.job_state import JobState, RedisCalls, at_once
from api_client.queue.reconcile import Reconciler
from api_client.settings import Settings
from api_client.store import ObjectStore, open_store

if TYPE_CHECKING:
    from celery import Celery


class Connections:
    """Everything that is reached by the settings, and the small objects built on it."""

    def __init__(self, settings: Settings, *, app: "Celery | None" = None, redis_retries: int = 3) -> None:
        self.settings = settings
        self._app = app
        self._redis_retries = redis_retries

    @property
    def call_redis(self) -> RedisCalls:
        """How commands are given to Redis: by a client once, by a worker until they are answered."""
        return at_once

    @cached_property
    def store(self) -> ObjectStore:
        """The object store."""
        return open_store_of(self.settings)

    @cached_property
    def redis(self) -> "redis.Redis":
        """The connection to Redis."""
        return connect(self.settings, retries=self._redis_retries)

    @cached_property
    def app(self) -> "Celery":
        """The Celery application messages are sent through."""
        return self._app or make_app(lambda: self.settings)

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """What enqueues."""
        return Dispatcher(self.app, self.redis, self.settings, call_redis=self.call_redis)

    @cached_property
    def reconciler(self) -> Reconciler:
        """What mends."""
        return Reconciler(self.redis, self.dispatcher, self.settings, call_redis=self.call_redis)

    def files(self, job_id: JobId) -> JobFiles:
        """One job's objects."""
        return JobFiles(self.store, job_id)

    def state(self, job_id: JobId) -> JobState:
        """One job's keys in Redis."""
        return JobState(self.redis, job_id, call_redis=self.call_redis)


def open_store_of(settings: Settings) -> ObjectStore:
    """Open the store the settings name."""
    access_key, secret_key = settings.s3_access_key_id, settings.s3_secret_access_key
    return open_store(
        settings.resolved_store_url,
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        access_key_id=access_key.get_secret_value() if access_key else None,
        secret_access_key=secret_key.get_secret_value() if secret_key else None,
    )
