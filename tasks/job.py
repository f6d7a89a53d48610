"""One job, as a task sees it: what is stored of it, what is queued of it, and what follows."""

import logging
from dataclasses import dataclass
from functools import cached_property

from api_client.contract import ChunkMarker, ChunkSpec, Manifest, Stage
from api_client.contract.ids import JobId
from api_client.errors import IntegrityError, JobNotFoundError
from api_client.job_files import JobFiles
from api_client.queue.items import Item
from api_client.queue.job_state import JobState
from tasks.connections import WorkerConnections
from tasks.damage import DamagedOutputError
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

    def do_again(self, damage: DamagedOutputError, *, while_at: Item) -> None:
        """Have damaged outputs made again, once; if those are damaged too, the part is given up.

        Raises `IntegrityError` where the outputs are another job's, or the log is damaged again.
        """
        logger.warning("job %s: %s", self.job_id, damage)
        if damage.job_id != self.job_id:
            raise IntegrityError(f"{damage}: `client resume {damage.job_id}` makes it again")
        if damage.item.index is None:
            self._do_log_again(damage)
        else:
            again = self.state.unfinish(damage.item) > 1
            self._do_part_again(damage.item.stage, damage.item.index, reason=str(damage) if again else None)
        self.go_on(while_at)

    def _do_log_again(self, damage: DamagedOutputError) -> None:
        """Of the parts that all find the log damaged, the first says so: to the others it is gone already."""
        if self.files.tracked() is None:
            return
        if self.state.unfinish(damage.item) > 1:
            raise IntegrityError(str(damage))
        self.files.forget_tracked()

    def _do_part_again(self, stage: Stage, index: int, *, reason: str | None) -> None:
        """reason: why the part is given up instead."""
        self.files.forget_part(stage, index)
        if reason is not None:
            marker = ChunkMarker(outcome="failed", reason=reason, attempts=2, worker=worker_name())
            self.files.write_part_marker(stage, index, marker)
