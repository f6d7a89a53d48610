"""Processing and committing one chunk."""

import logging
import os
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import redis

from api_client.contract import ChunkMarker, ChunkSpec, keys
from api_client.contract.digest import file_sha256
from api_client.contract.ids import JobId
from api_client.contract.marker import StoredFile
from api_client.errors import IntegrityError, JobCancelledError
from api_client.job_state import shared_lock
from tasks.connections import WorkerConnections, manifest_of
from tasks.processor import processor
from tasks.telemetry import report_chunk, report_device
from tasks.work import ChunkOutput, ChunkWork

logger = logging.getLogger(__name__)
_LOCK_SECONDS = 600


def worker_name() -> str:
    """Return host and process, for people."""
    return f"{socket.gethostname()}:{os.getpid()}"


def process(to: WorkerConnections, job_id: JobId, index: int, attempts: int) -> ChunkMarker:
    """Fetch, process and store a chunk; return the marker that is still to be written."""
    manifest = manifest_of(job_id)
    chunk = manifest.chunks[index]
    with tempfile.TemporaryDirectory(prefix="horatio-chunk-") as directory:
        output_dir = Path(directory, "output")
        output_dir.mkdir()
        heartbeat = _Heartbeat(to, job_id, index)
        heartbeat(0)
        started = time.perf_counter()
        video_path = _fetch(to, job_id, chunk, Path(directory))
        fetch_seconds = time.perf_counter() - started
        output = processor()(
            ChunkWork(
                manifest=manifest,
                chunk=chunk,
                video_path=video_path,
                output_dir=output_dir,
                store=to.patient_store,
                heartbeat=heartbeat,
                lock=_lock(to),
            )
        )
        return _store(to, job_id, index, output, attempts, fetch_seconds)


def commit(to: WorkerConnections, job_id: JobId, index: int, marker: ChunkMarker | None = None) -> None:
    """Write the marker, announce it, and enqueue the reducer if it was the last."""
    files, state = to.files(job_id), to.state(job_id)
    if marker is not None:
        files.write_chunk_marker(index, marker)
        report_chunk(manifest_of(job_id).chunks[index], marker)
    finished = state.add_finished([index])
    state.settle(index)
    if finished >= len(manifest_of(job_id).chunks):
        to.reconciler.finish(state, files)


def give_up(to: WorkerConnections, job_id: JobId, index: int, attempts: int, reason: str) -> None:
    """Mark a chunk as failed: its frames pass through un-annotated, and the log says why."""
    logger.error("job %s chunk %d: given up after %d attempts: %s", job_id, index, attempts, reason)
    marker = ChunkMarker(outcome="failed", reason=reason, attempts=max(attempts, 1), worker=worker_name())
    commit(to, job_id, index, marker)


def _fetch(to: WorkerConnections, job_id: JobId, chunk: ChunkSpec, directory: Path) -> Path:
    path = directory / "input.mp4"
    to.patient_store.get_file(keys.chunk_input(job_id, chunk.index), path)
    if file_sha256(path) != chunk.sha256:
        raise IntegrityError(f"chunk {chunk.index} of job {job_id} is not what was uploaded: submit it again")
    return path


def _store(
    to: WorkerConnections, job_id: JobId, index: int, output: ChunkOutput, attempts: int, fetch_seconds: float
) -> ChunkMarker:
    started = time.perf_counter()
    for path in output.files:
        to.patient_store.put_file(keys.chunk_output(job_id, index, path.name), path)
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
    )


def _lock(to: WorkerConnections) -> Callable[[str], AbstractContextManager[None]]:
    return lambda name: shared_lock(to.redis, name, seconds=_LOCK_SECONDS)


class _Heartbeat:
    """Reports progress once a batch, and stops the work of a cancelled job or a stopping worker."""

    def __init__(self, to: WorkerConnections, job_id: JobId, index: int) -> None:
        self._to = to
        self._job_id = job_id
        self._index = index

    def __call__(self, frames_done: int) -> None:
        self._to.raise_if_stopping()
        try:
            cancelled = self._to.state(self._job_id).report_progress(
                self._index, frames_done=frames_done, worker=worker_name()
            )
        except redis.RedisError as error:  # progress is not worth a chunk's work
            logger.warning("job %s chunk %d: progress not reported: %s", self._job_id, self._index, error)
            return
        if cancelled:
            raise JobCancelledError(f"job {self._job_id} was cancelled")
