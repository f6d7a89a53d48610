"""The one policy for how a task body can end. Nothing else decides what becomes of a failed attempt.

    error                                      verdict       what happens to the item
    JobCancelledError, JobNotFoundError        DROP          nobody wants it any more
    WorkerStoppingError                        GIVE_BACK     another worker takes it; not counted
    the store away, full or refusing us;       RETRY_LATER   again after a pause with jitter; not counted,
      Redis away or refusing commands;                       for as long as it lasts; `client watch` says why
      no space on the worker's own disk
    any other HoratioError                     GIVE_UP       trying again cannot help: a named gap
    anything else, MemoryError and exit() too  COUNT         again, `max_attempts` times in all; then a gap

A worker that dies says nothing: its attempt was counted when it began, so it needs no verdict.
"""

import errno
from enum import Enum

from api_client.contract.one_line import one_line
from api_client.errors import (
    BrokerUnavailableError,
    HoratioError,
    JobCancelledError,
    JobNotFoundError,
    ObjectNotFoundError,
    StoreAccessError,
    StoreUnavailableError,
    WorkerStoppingError,
)
from tasks.retrying import redis_is_away


class Verdict(Enum):
    """What is to become of an item whose attempt ended with an error."""

    DROP = "drop"
    GIVE_BACK = "give back"
    RETRY_LATER = "retry later"
    GIVE_UP = "give up"
    COUNT = "count"


class AttemptFailedError(Exception):
    """What Celery and Flower see of a counted attempt: one line. Its item is enqueued again already."""


def verdict_on(error: BaseException) -> Verdict:
    """Judge an error; see the table above."""
    if _says_disk_is_full(error):
        return Verdict.RETRY_LATER
    match error:
        case JobCancelledError() | JobNotFoundError():
            return Verdict.DROP
        case WorkerStoppingError():
            return Verdict.GIVE_BACK
        case ObjectNotFoundError():
            return Verdict.GIVE_UP
        case StoreUnavailableError() | StoreAccessError() | BrokerUnavailableError():
            return Verdict.RETRY_LATER
        case HoratioError():
            return Verdict.RETRY_LATER if error.retryable else Verdict.GIVE_UP
    return Verdict.RETRY_LATER if redis_is_away(error) else Verdict.COUNT


def _says_disk_is_full(error: BaseException | None) -> bool:
    """Whether this error, or what it was raised for, is of a disk without space."""
    while error is not None:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False


def reason_of(error: BaseException) -> str:
    """Say in one bounded line, without control characters, why an attempt ended."""
    text = str(error) if isinstance(error, HoratioError) else f"{type(error).__name__}: {error}"
    return one_line(text)
