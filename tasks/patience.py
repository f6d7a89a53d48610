"""A store that waits: a worker has nothing better to do while its store is away."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from api_client.errors import StoreUnavailableError
from api_client.store import ObjectInfo, ObjectStore

T = TypeVar("T")
logger = logging.getLogger(__name__)


class PatientStore:
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
        return self._patiently(lambda: self._store.get(key))

    def get_file(self, key: str, path: Path) -> None:
        self._patiently(lambda: self._store.get_file(key, path))

    def put(self, key: str, data: bytes) -> None:
        self._patiently(lambda: self._store.put(key, data))

    def put_file(self, key: str, path: Path) -> None:
        self._patiently(lambda: self._store.put_file(key, path))

    def put_if_absent(self, key: str, data: bytes) -> bool:
        return self._patiently(lambda: self._store.put_if_absent(key, data))

    def exists(self, key: str) -> bool:
        return self._patiently(lambda: self._store.exists(key))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return iter(self._patiently(lambda: [*self._store.list(prefix)]))

    def list_prefixes(self, prefix: str) -> Iterator[str]:
        return iter(self._patiently(lambda: [*self._store.list_prefixes(prefix)]))

    def delete(self, key: str) -> None:
        self._patiently(lambda: self._store.delete(key))

    def delete_prefix(self, prefix: str) -> int:
        return self._patiently(lambda: self._store.delete_prefix(prefix))

    def _patiently(self, call: Callable[[], T]) -> T:
        deadline = time.monotonic() + self._seconds
        pause_seconds = 0.5
        while True:
            try:
                return call()
            except StoreUnavailableError as error:
                if time.monotonic() + pause_seconds > deadline:
                    raise
                logger.warning("%s; trying again in %.1f s", error, pause_seconds)
            self._interrupt()
            time.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, 15)
