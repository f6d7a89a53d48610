"""Waiting for what is away: a worker has nothing better to do while its store or Redis is."""

import logging
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import kombu.exceptions
import redis

from api_client.errors import StoreUnavailableError
from api_client.store import ObjectInfo, ObjectStore

T = TypeVar("T")
logger = logging.getLogger(__name__)
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 15.0
_REDIS_REFUSALS = ("OOM", "READONLY", "MISCONF", "LOADING", "BUSY", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN")
"""What a Redis says that is there and does not serve: out of memory, a replica, no disk, starting."""


def redis_is_away(error: BaseException) -> bool:
    """Whether the same command may succeed later."""
    if isinstance(error, redis.ConnectionError | redis.TimeoutError | kombu.exceptions.OperationalError):
        return True
    return isinstance(error, redis.ResponseError) and any(word in str(error) for word in _REDIS_REFUSALS)


def repeated(
    call: Callable[[], T],
    *,
    while_: Callable[[BaseException], bool],
    seconds: float = float("inf"),
    interrupt: Callable[[], None],
) -> T:
    """Call until it succeeds, with growing pauses and jitter, for a bounded time; then raise its error.

    while_: which errors are worth another try. interrupt: called between tries; may raise to end the wait.
    """
    deadline = time.monotonic() + seconds
    pause_seconds = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return call()
        except Exception as error:
            if not while_(error) or time.monotonic() + pause_seconds > deadline:
                raise
            logger.warning("%s; trying again in %.1f s", error, pause_seconds)
        interrupt()
        time.sleep(pause_seconds * random.uniform(0.5, 1))  # noqa: S311  # jitter, no secret
        pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)


class RetryingStore:
    """Passes every call on, and repeats it while the store does not answer, for a bounded time.

    Raises `StoreUnavailableError` once that time is over. `interrupt` is called between tries, and
    may raise to end the wait.
    """

    def __init__(self, store: ObjectStore, *, seconds: float, interrupt: Callable[[], None]) -> None:
        self._store = store
        self._seconds = seconds
        self._interrupt = interrupt
        self.url = store.url

    def get(self, key: str) -> bytes:
        return self._retrying(lambda: self._store.get(key))

    def get_file(self, key: str, path: Path, *, most_bytes: int | None = None) -> None:
        self._retrying(lambda: self._store.get_file(key, path, most_bytes=most_bytes))

    def put(self, key: str, data: bytes) -> None:
        self._retrying(lambda: self._store.put(key, data))

    def put_file(self, key: str, path: Path) -> None:
        self._retrying(lambda: self._store.put_file(key, path))

    def put_if_absent(self, key: str, data: bytes) -> bool:
        return self._retrying(lambda: self._store.put_if_absent(key, data))

    def exists(self, key: str) -> bool:
        return self._retrying(lambda: self._store.exists(key))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return iter(self._retrying(lambda: [*self._store.list(prefix)]))

    def list_prefixes(self, prefix: str) -> Iterator[str]:
        return iter(self._retrying(lambda: [*self._store.list_prefixes(prefix)]))

    def delete(self, key: str) -> None:
        self._retrying(lambda: self._store.delete(key))

    def delete_prefix(self, prefix: str) -> int:
        return self._retrying(lambda: self._store.delete_prefix(prefix))

    def _retrying(self, call: Callable[[], T]) -> T:
        return repeated(
            call,
            while_=lambda error: isinstance(error, StoreUnavailableError),
            seconds=self._seconds,
            interrupt=self._interrupt,
        )
