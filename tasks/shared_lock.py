"""A lock among all workers, for what jobs share: whoever dies with it holds it for a moment only."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import redis
from redis.exceptions import LockError
from redis.lock import Lock

logger = logging.getLogger(__name__)
_ASKED_AGAIN_SECONDS = 0.2
_WAITING_SECONDS = 1.0


@contextmanager
def shared_lock(
    connection: "redis.Redis", name: str, *, seconds: float, waiting: Callable[[], None]
) -> Iterator[None]:
    """Hold a lock of that name; an optimisation, since it can be lost with Redis' memory.

    seconds: how long it outlives a process that dies with it; a thread renews it meanwhile. waiting: called
    every second while somebody else holds it; what it raises ends the wait.
    """
    lock = connection.lock(
        f"horatio:lock:{name}", timeout=seconds, sleep=_ASKED_AGAIN_SECONDS, thread_local=False
    )
    while not lock.acquire(blocking_timeout=_WAITING_SECONDS):
        waiting()
    released = threading.Event()
    thread = threading.Thread(target=_renew, args=(lock, seconds / 4, released), name="lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        released.set()
        thread.join()
        with suppress(LockError):  # it was lost, and is somebody else's
            lock.release()


def _renew(lock: Lock, every_seconds: float, released: threading.Event) -> None:
    while not released.wait(every_seconds):
        try:
            lock.reacquire()
        except LockError:
            return
        except redis.RedisError as error:  # others may do the work too
            logger.warning("the lock %s was not renewed: %s", lock.name, error)
