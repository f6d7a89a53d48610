"""One job, as a task sees it: what is stored of it, what is queued of it, and what follows."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from api_client.contract import ChunkMarker, ChunkSpec, Manifest, Stage
from api_client.contract.ids import JobId
from api_client.errors import IntegrityError, JobNotFoundError
from api_client.job_files import JobFiles
from api_client.queue.items import Item
from api_client.queue.job_state import JobState
from tasks.connections import WorkerConnections
from tasks.damage import AbsentError, DamagedOutputError
from tasks.shared_lock import shared_lock
from tasks.worker_name import worker_name

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Job:
    """Made for each task; everything is read when first asked for."""

    connections: WorkerConnections
    job_id: JobId

    @cached_property
    def files(self) -> JobFiles:
        """Its objects in the store."""
        return self.connections.files(self.job_id)

    @cached_property
    def state(self) -> JobState:
        """Its keys in Redis."""
        return self.connections.state(self.job_id)

    @cached_property
    def manifest(self) -> Manifest:
        """What it consists of."""
        return self.connections.manifest(self.job_id)

    def chunk(self, index: int) -> ChunkSpec:
        """Raises `JobNotFoundError` for a part the job does not have: somebody made the message up."""
        if index >= len(self.manifest.chunks):
            raise JobNotFoundError(f"job {self.job_id} has no chunk {index}")
        return self.manifest.chunks[index]

    def shared_lock(self, waiting: Callable[[], None]) -> Callable[[str], AbstractContextManager[None]]:
        """Return what locks a name among all workers. waiting: called while another holds it."""
        seconds = self.connections.settings.silence_seconds
        return lambda name: shared_lock(self.connections.redis, name, seconds=seconds, waiting=waiting)

    def announce(self, item: Item) -> None:
        """Note a part as finished, and send what follows if it was the stage's last."""
        if self.files.result() is not None:  # a late duplicate: nothing is to be noted of an ended job
            self.state.delete()
        elif self.state.finish(item) >= len(self.manifest.chunks):
            self.connections.dispatcher.enqueue_whole(self.job_id, item.stage.following)
        else:
            self.connections.dispatcher.send_next(self.job_id)

    def go_on(self, item: Item) -> None:
        """Settle an item of the whole job, and send whatever the store says is to be done now."""
        self.state.settle([item])
        self.connections.reconciler.reconcile(self.files, self.manifest)

    def close(self) -> None:
        """Forget what is noted of a job that has ended."""
        self.state.delete()
        self.files.close()

    def do_again(self, damage: DamagedOutputError, *, while_at: Item, known: Mapping[Item, int]) -> None:
        """Have damaged outputs made again, once; if those are damaged too, the part is given up.

        known: what `times_again` said before they were read. Who has found what somebody else has had made
        again meanwhile, however late, says nothing of what is there now.
        Raises `IntegrityError` where the outputs are another job's, or the log is damaged again.
        """
        logger.warning("job %s: %s", self.job_id, damage)
        if damage.job_id != self.job_id:
            raise IntegrityError(f"{damage}: `client resume {damage.job_id}` makes it again")
        times = known.get(damage.item, 0)
        if not isinstance(damage, AbsentError) and self.state.times_again().get(damage.item, 0) == times:
            self._forget(damage, times)
        self.go_on(while_at)

    def _forget(self, damage: DamagedOutputError, times: int) -> None:
        """times: how often this was said of the same outputs before."""
        stage, index = damage.item.stage, damage.item.index
        if index is not None:
            self.files.forget_part(stage, index)
            if times:
                self._give_part_up(stage, index, str(damage))
        elif times:
            raise IntegrityError(str(damage))
        elif stage is Stage.EMBED:
            self._forget_embeddings()
        else:
            self.files.forget_tracked()
        self.state.unfinish(
            damage.item, times=times + 1
        )  # last: who reads after this finds the old ones gone

    def _forget_embeddings(self) -> None:
        if self.manifest.embeddings_key is not None:
            self.files.store.delete(self.manifest.embeddings_key)

    def _give_part_up(self, stage: Stage, index: int, reason: str) -> None:
        marker = ChunkMarker(outcome="failed", reason=reason, attempts=2, worker=worker_name())
        self.files.write_part_marker(stage, index, marker)
