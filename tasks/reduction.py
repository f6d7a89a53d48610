"""Reducing and committing one job."""

import logging

from api_client.contract import ChunkMarker, Manifest
from api_client.contract.ids import JobId
from api_client.errors import JobCancelledError
from api_client.queue.job_state import REDUCE
from tasks.connections import WorkerConnections, manifest_of
from tasks.lease import Lease, worker_name
from tasks.reduce import reduce_job
from tasks.reduce.chunk_outputs import DamagedOutputError
from tasks.reduce.job import fail_job

logger = logging.getLogger(__name__)


class ReduceStep:
    """The end of a job: its chunks' outputs become what a person gets."""

    def __init__(self, to: WorkerConnections, job_id: JobId) -> None:
        self._to = to
        self._files = to.files(job_id)
        self._state = to.state(job_id)
        self._job_id = job_id

    def perform(self, lease: Lease) -> None:
        """Put the result together, unless it is there, or chunks are missing, which are sent for."""
        if self._files.result() is not None:
            lease.release()
            self._close()
        elif self._files.is_cancelled():
            raise JobCancelledError(f"job {self._job_id} was cancelled")
        elif len(self._files.finished_chunks(self._manifest)) < len(self._manifest.chunks):
            lease.release()
            self._send_for_missing()
        else:
            self._reduce(lease)

    def give_up(self, attempts: int, reason: str) -> None:
        """End the job without a result."""
        logger.error("job %s: given up, attempt %d: %s", self._job_id, attempts, reason)
        fail_job(self._files, self._manifest, f"the result could not be put together: {reason}")
        self._close()

    @property
    def _manifest(self) -> Manifest:
        return manifest_of(self._job_id)

    def _reduce(self, lease: Lease) -> None:
        try:
            result = reduce_job(self._files, self._manifest, heartbeat=lambda: lease.report(0))
        except DamagedOutputError as damage:
            lease.release()
            self._do_again(damage)
            return
        lease.release()
        logger.info("job %s: %s: %d detections", self._job_id, result.state, result.detection_count)
        self._close()

    def _do_again(self, damage: DamagedOutputError) -> None:
        """A chunk whose outputs are damaged is done again once; if that is damaged too, it is a gap."""
        index = damage.chunk_index
        logger.warning("job %s: %s", self._job_id, damage)
        self._files.forget_chunk(index)
        if self._state.unfinish(index) > 1:
            marker = ChunkMarker(outcome="failed", reason=str(damage), attempts=2, worker=worker_name())
            self._files.write_chunk_marker(index, marker)
        self._send_for_missing()

    def _send_for_missing(self) -> None:
        self._state.settle([REDUCE])
        self._to.reconciler.reconcile(self._files, self._manifest)

    def _close(self) -> None:
        self._state.delete()
        self._files.close()
