"""Putting a job back on its way, whatever was lost: compare the store with what is enqueued, and mend.

Runs from `client watch`, from a schedule in a cluster, and in the reducer. Running it twice, or at the
same time as the job itself, costs duplicates of work at worst and never changes a result.
"""

import time
from dataclasses import dataclass

import redis

from api_client.contract import Manifest
from api_client.dispatch import Dispatcher
from api_client.job_files import JobFiles
from api_client.job_state import JobState, outstanding_chunks
from api_client.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What was found and done."""

    chunks_missing: int
    """Without a marker in the store."""
    chunks_enqueued: int
    """Of those, enqueued again because nobody had them."""
    finish_enqueued: bool


class Reconciler:
    """Compares what the store holds with what Redis believes."""

    def __init__(self, connection: "redis.Redis", dispatcher: Dispatcher, settings: Settings) -> None:
        self._redis = connection
        self._dispatcher = dispatcher
        self._settings = settings

    def reconcile(self, files: JobFiles, manifest: Manifest, *, trust_queue: bool = True) -> Reconciliation:
        """Mend one job. Does nothing to a job that has ended or was cancelled.

        trust_queue: leave chunks alone that are noted as outstanding; False enqueues all that are missing.
        """
        if files.is_cancelled() or files.result() is not None:
            return Reconciliation(chunks_missing=0, chunks_enqueued=0, finish_enqueued=False)
        state = JobState(self._redis, files.job_id)
        finished = set(files.finished_chunks())
        state.add_finished(finished)
        missing = [chunk.index for chunk in manifest.chunks if chunk.index not in finished]
        lost = self._lost(state, missing) if trust_queue else missing
        enqueued = self._dispatcher.detect(files.job_id, lost) if lost else 0
        return Reconciliation(
            chunks_missing=len(missing),
            chunks_enqueued=enqueued,
            finish_enqueued=not missing and self.finish(state, files),
        )

    def finish(self, state: JobState, files: JobFiles) -> bool:
        """Enqueue the reducer, unless somebody did; return whether it was this call."""
        if not state.claim_finishing(self._settings.visibility_timeout_seconds):
            return False
        self._dispatcher.finish(files.job_id)
        return True

    def _lost(self, state: JobState, missing: list[int]) -> list[int]:
        """Chunks nobody has: not outstanding, or with a worker that has been silent too long."""
        oldest = time.time() - self._settings.silence_seconds
        silent = {p.index for p in state.progress() if p.at_unix_seconds < oldest}
        held = set(outstanding_chunks(self._redis).get(state.job_id, ())) - silent
        return [index for index in missing if index not in held]
