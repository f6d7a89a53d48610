"""Putting a job back on its way, whatever was lost: compare the store with what is enqueued, and mend.

Runs from `client watch`, from `tasks.reconciler` in a cluster, and in the reducer. Running it twice, or at
the same time as the job itself, costs duplicates of work at worst and never changes a result.
"""

from dataclasses import dataclass

import redis

from api_client.contract import Manifest
from api_client.contract.ids import JobId
from api_client.job_files import JobFiles
from api_client.queue.dispatch import Dispatcher
from api_client.queue.job_state import REDUCE, Holdings, Item, JobState, Patiently, at_once
from api_client.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What was found and done."""

    chunks_missing: int
    """Without a marker in the store."""
    chunks_enqueued: int
    """Of those, enqueued again because nobody had them."""
    reduce_enqueued: bool


class Reconciler:
    """Compares what the store holds with what Redis believes."""

    def __init__(
        self,
        connection: "redis.Redis",
        dispatcher: Dispatcher,
        settings: Settings,
        *,
        patiently: Patiently = at_once,
    ) -> None:
        self._redis = connection
        self._dispatcher = dispatcher
        self._settings = settings
        self._patiently = patiently

    def reconcile(self, files: JobFiles, manifest: Manifest) -> Reconciliation:
        """Mend one job. Of a job that has ended or was cancelled only what is still noted is cleared away."""
        state = JobState(self._redis, files.job_id, patiently=self._patiently)
        if files.is_cancelled() or files.result() is not None:
            self._clear(state, files)
            return Reconciliation(chunks_missing=0, chunks_enqueued=0, reduce_enqueued=False)
        # first who has what, then what is finished: what ends in between is taken for held, never for lost
        holdings = state.holdings()
        finished = set(files.finished_chunks(manifest))
        state.note_finished(finished, settle=holdings.everywhere & set(map(str, finished)))
        missing = [chunk.index for chunk in manifest.chunks if chunk.index not in finished]
        held = self._held(files.job_id, holdings)
        lost = [index for index in missing if str(index) not in held]
        return Reconciliation(
            chunks_missing=len(missing),
            chunks_enqueued=self._dispatcher.enqueue(files.job_id, lost),
            reduce_enqueued=not missing and REDUCE not in held and self._dispatcher.reduce(files.job_id),
        )

    def _held(self, job_id: JobId, holdings: Holdings) -> set[Item]:
        """Items that wait their turn, are with a worker that lives, or lie in the queue, however long."""
        silence_seconds = self._settings.silence_seconds
        alive = holdings.alive(silence_seconds=silence_seconds)
        if all(age < silence_seconds for age in holdings.sent_ages_seconds.values()):
            return alive
        return alive | {item for queued_job, item in self._dispatcher.queued_items() if queued_job == job_id}

    def _clear(self, state: JobState, files: JobFiles) -> None:
        """Workers that are still at a cancelled job must be able to see that it is."""
        if files.result() is None:
            state.cancel()
            if state.holdings().alive(silence_seconds=self._settings.silence_seconds):
                return
        state.delete()
        files.close()
