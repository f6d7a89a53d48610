"""The shutdown flag: a pool's child cannot see the signal its parent got, so they share a moment.

The parent notes when it was told to stop; a chunk's heartbeat, in the child, sees it once a batch and
gives the chunk back when the grace is over.
"""

import multiprocessing
import time

from celery.signals import worker_shutting_down

from api_client.errors import WorkerStoppingError

_told_to_stop_at = multiprocessing.Value("d", 0.0)  # monotonic seconds, one clock for all processes


@worker_shutting_down.connect
def _note_shutdown(**_: object) -> None:
    _told_to_stop_at.value = time.monotonic()


def raise_if_stopping(*, grace_seconds: float) -> None:
    """Raise `WorkerStoppingError` once the worker was told to stop longer ago than the grace."""
    told_at = _told_to_stop_at.value
    if told_at and time.monotonic() - told_at >= grace_seconds:
        raise WorkerStoppingError("the worker is shutting down and gives its chunk back")
