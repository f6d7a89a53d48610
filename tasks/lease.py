"""Whose an item is: a thread in a worker's child renews the item's lease, and ends a child that is stuck.

The thread reports how far the work is, hears of cancellation, and watches two bounds: a batch that takes
longer than `stall_seconds`, and a child that holds more memory than `memory_limit_mb`. Neither can be ended
from inside Python, so the child is killed, after the reason was noted; Celery replaces it and delivers the
item again, and the attempt stays counted.
"""

import logging
import os
import signal
import threading
import time
from types import TracebackType
from typing import NoReturn, Self

import redis

from api_client.errors import JobCancelledError
from api_client.queue.items import Item
from api_client.queue.job_state import JobState
from api_client.settings import Settings
from tasks.memory import memory_limit_bytes, resident_bytes
from tasks.worker_name import worker_name

logger = logging.getLogger(__name__)
_LONGEST_TICK_SECONDS = 1.0


class Lease:
    """Held while an item is worked on. A context manager."""

    def __init__(self, settings: Settings, state: JobState, item: Item, attempts: int) -> None:
        """state: through a connection that never waits."""
        self.attempts = attempts
        """How often the item was started, this time included."""
        self._settings = settings
        self._item = item
        self._state = state
        self._tick_seconds = min(_LONGEST_TICK_SECONDS, settings.silence_seconds / 4)
        # a stage of the whole job may report nothing for a long time, and is not to be ended for that
        self._may_stall = not item.stage.is_by_part
        self._frames_done = 0
        self._moved_at = time.monotonic()
        self._cancelled = False
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._renew()
        self._thread.start()
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Stop renewing, before an item is settled: a late renewal would note it as running again."""
        self._released.set()
        self._thread.join()

    def report(self, frames_done: int) -> None:
        """Say that the work moves. Raises `JobCancelledError` where nobody wants it any more."""
        self._frames_done = frames_done
        self._moved_at = time.monotonic()
        if self._cancelled:
            raise JobCancelledError("the job was cancelled")

    def _keep(self) -> None:
        while not self._released.wait(self._tick_seconds):
            self._renew()
            self._end_if_stuck()

    def _renew(self) -> None:
        try:
            self._cancelled = self._state.renew(
                self._item, frames_done=self._frames_done, worker=worker_name()
            )
        except redis.RedisError as error:  # a sign of life is not worth the work: the lease may lapse
            logger.warning("no sign of life for item %s: %s", self._item, error)

    def _end_if_stuck(self) -> None:
        silent_seconds = time.monotonic() - self._moved_at
        if silent_seconds > self._settings.stall_seconds and not self._may_stall:
            self._end(f"no batch was finished within {self._settings.stall_seconds} s: its worker was ended")
        limit = memory_limit_bytes(self._settings.memory_limit_mb)
        held = resident_bytes()
        if held > limit:
            self._end(f"its worker held {held >> 20} MiB of memory, {limit >> 20} are allowed, and was ended")

    def _end(self, reason: str) -> NoReturn:
        logger.error("item %s: %s", self._item, reason)
        try:
            self._state.note_reason(self._item, reason)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable: the signal cannot be caught")
