"""Waiting for a broker or a store that does not answer, as workers do, for a bounded time."""

import time
from collections.abc import Callable
from typing import TypeVar

from api_client.errors import HoratioError

T = TypeVar("T")
OnWait = Callable[[HoratioError], None]
"""Told each time something does not answer and is tried again."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0


class Waiting:
    """One time of waiting: from the first call that was not answered to the next that is."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None
        self._pause_seconds = _FIRST_PAUSE_SECONDS

    def is_over(self, error: HoratioError) -> bool:
        """Whether to give up: the error is no passing one, or has lasted too long."""
        now = time.monotonic()
        self._since = self._since or now
        return not error.retryable or now - self._since + self._pause_seconds > self._seconds

    def pause(self) -> None:
        """Sleep before the next try, longer each time."""
        time.sleep(self._pause_seconds)
        self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)


class Retries:
    """Repeats calls that a broker or store did not answer."""

    def __init__(self, *, seconds: float, on_wait: OnWait) -> None:
        self.seconds = seconds
        self.on_wait = on_wait

    def call(self, action: Callable[[], T]) -> T:
        """Return what the action returns; raise its error once that is no passing one or lasted too long."""
        waiting = Waiting(seconds=self.seconds)
        while True:
            try:
                return action()
            except HoratioError as error:
                if waiting.is_over(error):
                    raise
                self.on_wait(error)
            waiting.pause()


NO_RETRIES = Retries(seconds=0, on_wait=lambda _: None)
"""Raises at the first error."""
