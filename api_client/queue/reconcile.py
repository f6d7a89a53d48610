"""Putting a job back on its way, whatever was lost: compare the store with what is enqueued, and mend.

Runs from `client watch`, from `tasks.reconciler` in a cluster, and between the stages. Running it twice, or
at the same time as the job itself, costs duplicates of work at worst and never changes a result.
"""

from dataclasses import dataclass

import redis

from api_client.contract import Manifest
from api_client.contract.ids import JobId
from api_client.contract.stages import Stage
from api_client.job_files import JobFiles
from api_client.queue.dispatch import Dispatcher
from api_client.queue.items import Item
from api_client.queue.job_state import Holdings, JobState, RedisCalls, at_once
from api_client.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What was found and done."""

    stage: Stage | None = None
    """At which the job is; None where it has ended or was cancelled."""
    parts_missing: int = 0
    """Of that stage, without a marker in the store."""
    enqueued: int = 0
    """Items enqueued again because nobody had them."""


class Reconciler:
    """Compares what the store holds with what Redis believes."""

    def __init__(
        self,
        connection: "redis.Redis",
        dispatcher: Dispatcher,
        settings: Settings,
        *,
        call_redis: RedisCalls = at_once,
    ) -> None:
        self._redis = connection
        self._dispatcher = dispatcher
        self._settings = settings
        self._call_redis = call_redis

    def reconcile(self, files: JobFiles, manifest: Manifest) -> Reconciliation:
        """Mend one job. Of a job that has ended or was cancelled only what is still noted is cleared away."""
        state = JobState(self._redis, files.job_id, call_redis=self._call_redis)
        if files.is_cancelled() or files.result() is not None:
            self._clear(state, files)
            return Reconciliation()
        # first who has what, then what is finished: what ends in between is taken for held, never for lost
        holdings = state.holdings()
        stage, finished = files.stage_at_work(manifest)
        if stage.is_by_part:
            return self._reconcile_parts(state, manifest, stage, finished, holdings)
        held = self._held(files.job_id, holdings)
        sent = Item(stage=stage) not in held and self._dispatcher.enqueue_whole(files.job_id, stage)
        return Reconciliation(stage=stage, enqueued=int(sent))

    def _reconcile_parts(
        self, state: JobState, manifest: Manifest, stage: Stage, finished: set[int], holdings: Holdings
    ) -> Reconciliation:
        settled = {Item(stage=stage, index=index) for index in finished} & holdings.everywhere
        state.note_finished(stage, finished, settle=settled)
        missing = [chunk.index for chunk in manifest.chunks if chunk.index not in finished]
        held = self._held(manifest.job_id, holdings)
        lost = [index for index in missing if Item(stage=stage, index=index) not in held]
        return Reconciliation(
            stage=stage,
            parts_missing=len(missing),
            enqueued=self._dispatcher.enqueue_parts(manifest.job_id, stage, lost),
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
