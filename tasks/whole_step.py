"""A stage of the whole job: done once, when all before it is there."""

import logging
from collections.abc import Callable

from api_client.errors import JobCancelledError
from api_client.queue.items import Item
from tasks.damage import DamagedOutputError
from tasks.job import Job
from tasks.lease import Lease

logger = logging.getLogger(__name__)

Work = Callable[[Job, Callable[[], None]], None]
"""Does the stage and commits it. Is given something to call now and then, which may raise to end the work."""
GiveUp = Callable[[Job, str], None]
"""Ends the job, with the reason why the stage cannot be done."""


class WholeStep:
    """A `tasks.attempt.Step`."""

    def __init__(self, job: Job, item: Item, *, work: Work, give_up: GiveUp) -> None:
        self._job = job
        self._item = item
        self._work = work
        self._give_up = give_up

    def perform(self, lease: Lease) -> None:
        """Do the stage, unless the job is not there yet, or is beyond it; then send what comes next."""
        if self._job.files.result() is None:
            if self._job.files.is_cancelled():
                raise JobCancelledError(f"job {self._job.job_id} was cancelled")
            stage, _ = self._job.files.stage_at_work(self._job.manifest)
            if stage is self._item.stage:
                known = self._job.state.times_again()
                try:
                    self._work(self._job, lambda: lease.report(0))
                except DamagedOutputError as damage:
                    lease.release()
                    self._job.do_again(damage, while_at=self._item, known=known)
                    return
        lease.release()
        self._job.go_on(self._item)

    def give_up(self, attempts: int, reason: str) -> None:
        """End the job, and say why."""
        logger.error("job %s %s: given up, attempt %d: %s", self._job.job_id, self._item, attempts, reason)
        self._give_up(self._job, reason)
        self._job.close()
