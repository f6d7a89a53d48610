"""One attempt at one item of a job: take its lease, do the work, and settle however that ends."""

import logging
import random
import time
from typing import Protocol

from api_client.errors import HoratioError, JobCancelledError
from api_client.queue.items import Item
from tasks.job import Job
from tasks.lease import Lease
from tasks.outcome import AttemptFailedError, Verdict, reason_of, verdict_on

logger = logging.getLogger(__name__)
_LONGEST_PAUSE_SECONDS = 10.0


class Step(Protocol):
    """What an item is made of. Both methods may be called again after anything, with the same result."""

    def perform(self, lease: Lease) -> None:
        """Do the work, release the lease, and commit the work."""
        ...

    def give_up(self, attempts: int, reason: str) -> None:
        """Commit that it cannot be done."""
        ...


class Attempt:
    """An attempt at an item, from its message to its end."""

    def __init__(self, job: Job, item: Item, step: Step) -> None:
        self._job = job
        self._settings = job.connections.settings
        self._dispatcher = job.connections.dispatcher
        self._state = job.state
        self._item = item
        self._step = step
        self._number = 1

    def run(self, *, redelivered: bool) -> None:
        """Do the work unless a live worker is at it; settle whatever happens.

        Raises `AttemptFailedError` for what Celery is to count; else nothing, unless Redis stays away until
        the worker has to end.
        redelivered: Celery says that the message was with a worker before, which was lost.
        """
        silence_seconds = self._settings.silence_seconds
        try:
            number = self._state.start(self._item, silence_seconds=silence_seconds, take_over=redelivered)
            if number is None:
                logger.info("%s: another worker is at it", self)
                return
            self._number = number
            self._perform()
        except (Exception, SystemExit) as error:  # noqa: BLE001  # the task boundary
            self._settle(error)

    def __str__(self) -> str:
        return f"job {self._job.job_id} {self._item}, attempt {self._number}"

    def _perform(self) -> None:
        if self._item.stage.is_by_part:
            self._dispatcher.send_next(self._job.job_id)
        if self._number > self._settings.max_attempts:
            reason = self._state.reason(self._item) or "every worker that tried it died"
            self._step.give_up(self._number - 1, reason)
            return
        at_once = self._job.connections.state_at_once(self._job.job_id)
        with Lease(self._settings, at_once, self._item, self._number) as lease:
            self._step.perform(lease)

    def _settle(self, error: BaseException) -> None:
        verdict, reason = verdict_on(error), reason_of(error)
        quiet = verdict in (Verdict.DROP, Verdict.GIVE_BACK)
        logger.log(logging.INFO if quiet else logging.WARNING, "%s: %s: %s", self, verdict.value, reason)
        match verdict:
            case Verdict.DROP:
                self._drop(error)
            case Verdict.GIVE_BACK:
                self._give_back(blameless=True)
            case Verdict.RETRY_LATER:
                self._pause(reason)
                self._give_back(blameless=True)
            case Verdict.GIVE_UP:
                self._give_up(reason)
            case Verdict.COUNT:
                logger.error("%s", self, exc_info=error)
                self._state.note_reason(self._item, reason)
                self._give_back(blameless=False)
                raise AttemptFailedError(reason) from None

    def _drop(self, error: BaseException) -> None:
        """Settle the item; the last of a job that nobody wants takes what is noted of the job with it."""
        self._state.settle([self._item])
        if not self._state.holdings().everywhere:
            self._state.delete()
            if isinstance(error, JobCancelledError):
                self._job.files.close()

    def _give_back(self, *, blameless: bool) -> None:
        self._state.give_back(self._item, blameless=blameless)
        if self._item.stage.is_by_part:
            self._dispatcher.send_next(self._job.job_id)
        else:
            self._dispatcher.enqueue_whole(self._job.job_id, self._item.stage)

    def _give_up(self, reason: str) -> None:
        try:
            self._step.give_up(self._number, reason)
        except HoratioError as error:
            if verdict_on(error) is not Verdict.RETRY_LATER:  # its manifest cannot be read
                self._leave_unread(reason_of(error))
                return
            self._pause(reason_of(error))  # what failed once will fail again when the store is back
            self._give_back(blameless=True)

    def _leave_unread(self, reason: str) -> None:
        """Forget a job of which nothing can be understood, not even how to end it, and say so to who watches.

        A worker of another version may be able to: reconcilers go on sending it.
        """
        logger.error("%s: dropped: %s", self, reason)
        self._state.delete()
        self._state.note_trouble(f"{reason}; do the workers run the client's version?")

    def _pause(self, trouble: str) -> None:
        """Wait before the item is enqueued again, so that a worker does not spin while the store is away."""
        self._state.note_trouble(trouble)
        seconds = min(_LONGEST_PAUSE_SECONDS, self._settings.store_wait_seconds)
        time.sleep(seconds * random.uniform(0.5, 1))  # noqa: S311  # jitter, no secret
