"""Following a job to its end, through times when the broker or the store does not answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from api_client.errors import HoratioError
from api_client.status import JobStatus
from api_client.waiting import Waiting


def watched(
    first: JobStatus,
    *,
    look: Callable[[], JobStatus],
    mend: Callable[[], None],
    clear: Callable[[], None],
    check: Callable[[], None],
    wait_seconds: float,
    interval_seconds: float,
    mend_seconds: float,
) -> Iterator[JobStatus]:
    """Yield what `look` returns until the job has ended, and mend it now and then.

    clear: called at the end, to take away what a worker that died just then has left noted.
    first: shown while nothing has answered yet. check: raises what no waiting mends. While broker or store
    is away, yields the last status with `waiting_for`; raises its error after that wait given.
    """
    last, waiting, mended_at = first, Waiting(seconds=wait_seconds), float("-inf")
    while True:
        check()
        try:
            last = look()
            if not last.has_ended and time.monotonic() - mended_at > mend_seconds:
                mend()
                mended_at = time.monotonic()
        except HoratioError as error:
            if waiting.is_over(error):
                raise _given_up(error, last, wait_seconds) from None
            yield replace(last, waiting_for=str(error))
            waiting.pause()
            continue
        if last.has_ended:
            with suppress(HoratioError):
                clear()
        yield last
        if last.has_ended:
            return
        waiting = Waiting(seconds=wait_seconds)
        time.sleep(interval_seconds)


def _given_up(error: HoratioError, last: JobStatus, wait_seconds: float) -> HoratioError:
    if not error.retryable:
        return error
    goes_on = (
        f"what is done of job {last.job_id} is kept: `client watch {last.job_id}` goes on once it answers"
    )
    return type(error)(f"{error}; gave up after {wait_seconds:g} s; {goes_on}")
