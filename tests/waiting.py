"""Waiting for what another process or thread does, in place of sleeping."""

import time
from collections.abc import Callable

_PAUSE_SECONDS = 0.02


def wait_until(predicate: Callable[[], object], timeout_seconds: float, *, description: str) -> None:
    """Return once the predicate is true; raise `TimeoutError` with the description where it stays false."""
    deadline = time.monotonic() + timeout_seconds
    while not predicate():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_seconds:g} s in vain: {description}")
        time.sleep(_PAUSE_SECONDS)
