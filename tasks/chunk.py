"""Processing and committing one chunk."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from api_client.contract import ChunkMarker, ChunkSpec, Manifest, keys
from api_client.contract.ids import JobId
from api_client.contract.marker import StoredFile
from api_client.errors import IntegrityError, JobCancelledError, JobNotFoundError, ObjectNotFoundError
from api_client.queue.job_state import shared_lock
from api_client.scratch import scratch_directory
from api_client.store.checked_download import download_checked
from tasks.connections import WorkerConnections, manifest_of
from tasks.lease import Lease, worker_name
from tasks.processor import processor
from tasks.telemetry import report_chunk, report_device
from tasks.work import ChunkOutput, ChunkWork

logger = logging.getLogger(__name__)
_LOCK_SECONDS = 600


class ChunkStep:
    """One chunk of a job: its file in the store becomes its outputs and a marker."""

    def __init__(self, to: WorkerConnections, job_id: JobId, index: int) -> None:
        self._to = to
        self._files = to.files(job_id)
        self._state = to.state(job_id)
        self._job_id = job_id
        self._index = index

    def perform(self, lease: Lease) -> None:
        """Fetch, process, store and commit the chunk, unless that has been done."""
        chunk = self._chunk()
        if self._files.is_cancelled():
            raise JobCancelledError(f"job {self._job_id} was cancelled")
        if self._files.chunk_marker(self._index) is not None:  # a duplicate: its announcement may be missing
            lease.release()
            self._announce()
            return
        marker = self._process(lease, chunk)
        lease.release()
        self._commit(marker)

    def give_up(self, attempts: int, reason: str) -> None:
        """Mark the chunk as failed: its frames pass through un-annotated, and the log says why."""
        logger.error("job %s chunk %d: given up, attempt %d: %s", self._job_id, self._index, attempts, reason)
        self._commit(ChunkMarker(outcome="failed", reason=reason, attempts=attempts, worker=worker_name()))

    @property
    def _manifest(self) -> Manifest:
        return manifest_of(self._job_id)

    def _chunk(self) -> ChunkSpec:
        """Raises `JobNotFoundError` for a chunk the job does not have: somebody made the message up."""
        if self._index >= len(self._manifest.chunks):
            raise JobNotFoundError(f"job {self._job_id} has no chunk {self._index}")
        return self._manifest.chunks[self._index]

    def _process(self, lease: Lease, chunk: ChunkSpec) -> ChunkMarker:
        with scratch_directory("chunk") as directory:
            output_dir = directory / "output"
            output_dir.mkdir()
            started = time.perf_counter()
            video_path = self._fetch(chunk, directory)
            fetch_seconds = time.perf_counter() - started
            output = processor()(
                ChunkWork(
                    manifest=self._manifest,
                    chunk=chunk,
                    video_path=video_path,
                    output_dir=output_dir,
                    store=self._to.retrying_store,
                    heartbeat=self._heartbeat(lease),
                    lock=self._lock,
                )
            )
            return self._store(output, lease.attempts, fetch_seconds)

    def _heartbeat(self, lease: Lease) -> Callable[[int], None]:
        def beat(frames_done: int) -> None:
            self._to.raise_if_stopping()
            lease.report(frames_done)

        return beat

    def _lock(self, name: str) -> AbstractContextManager[None]:
        return shared_lock(self._to.redis, name, seconds=_LOCK_SECONDS)

    def _fetch(self, chunk: ChunkSpec, directory: Path) -> Path:
        path = directory / "input.mp4"
        key = keys.chunk_input(self._job_id, chunk.index)
        try:
            is_whole = download_checked(self._to.retrying_store, key, path, chunk.sha256)
        except ObjectNotFoundError:
            raise IntegrityError("its part of the video is gone from the store: submit it again") from None
        if not is_whole:
            raise IntegrityError("its part of the video is not what was uploaded: submit it again")
        return path

    def _store(self, output: ChunkOutput, attempts: int, fetch_seconds: float) -> ChunkMarker:
        started = time.perf_counter()
        for path in output.files:
            self._to.retrying_store.put_file(keys.chunk_output(self._job_id, self._index, path.name), path)
        put_seconds = time.perf_counter() - started
        report_device(batch_frames=output.batch_frames, memory_bytes=output.device_memory_bytes)
        return ChunkMarker(
            outcome="done",
            files=tuple(StoredFile.of(path) for path in output.files),
            detection_count=output.detection_count,
            near_misses=dict(output.near_misses),
            unreadable_frames=output.unreadable_frames,
            attempts=attempts,
            worker=worker_name(),
            seconds_by_stage={"fetch": fetch_seconds, **output.seconds_by_stage, "put": put_seconds},
            detector_weights_digest=output.detector_weights_digest,
            threshold=output.threshold,
        )

    def _commit(self, marker: ChunkMarker) -> None:
        """Write the marker, then announce it."""
        chunk = self._chunk()
        self._files.write_chunk_marker(self._index, marker)
        report_chunk(chunk, marker)
        self._announce()

    def _announce(self) -> None:
        """Note the chunk as finished, and send the reducer if it was the last."""
        if self._files.result() is not None:  # a late duplicate: nothing is to be noted of an ended job
            self._state.delete()
        elif self._state.finish(self._index) >= len(self._manifest.chunks):
            self._to.dispatcher.reduce(self._job_id)
        else:
            self._to.dispatcher.send_next(self._job_id)
