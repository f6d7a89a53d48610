"""One part of a job in one stage: begun once, committed once, whatever is delivered how often."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from api_client.contract import ChunkMarker, ChunkSpec, keys
from api_client.contract.marker import StoredFile
from api_client.errors import JobCancelledError, ObjectNotFoundError
from api_client.queue.items import Item
from api_client.scratch import scratch_directory
from api_client.store.checked_download import download_checked
from tasks.damage import DamagedOutputError
from tasks.job import Job
from tasks.lease import Lease
from tasks.telemetry.worker import report_chunk
from tasks.worker_name import worker_name

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PartAttempt:
    """One try at a part."""

    job: Job
    chunk: ChunkSpec
    directory: Path
    """For whatever is needed meanwhile; removed by the caller."""
    output_dir: Path
    """Empty: the outputs go here."""
    heartbeat: Callable[[int], None]
    """Called now and then with the number of frames done; may raise to end the work."""
    attempts: int

    def fetch_part(self) -> Path | None:
        """Download the part of the video; None where it is gone or is not what was uploaded.

        Of a part whose bytes are wrong that is noted, so that submitting the same video again replaces it.
        """
        path = self.directory / "input.mp4"
        key = keys.source_part(self.job.manifest.footage.source_id, self.chunk.index)
        store = self.job.connections.retrying_store
        try:
            if download_checked(store, key, path, self.chunk):
                return path
        except ObjectNotFoundError:
            return None
        store.put(keys.damaged_part(self.job.manifest.footage.source_id, self.chunk.index), b"damaged\n")
        return None


class PartWork(Protocol):
    """What a stage does with a part."""

    def __call__(self, attempt: PartAttempt) -> ChunkMarker:
        """Write the outputs into `output_dir` and say what came of it; `files` and times are filled in.

        Raises `DamagedOutputError` where an earlier stage has to be done again.
        """
        ...


class PartStep:
    """A `tasks.attempt.Step`."""

    def __init__(self, job: Job, item: Item, work: PartWork) -> None:
        assert item.index is not None
        self._job = job
        self._item = item
        self._index = item.index
        self._work = work

    def perform(self, lease: Lease) -> None:
        """Do the part and commit it, unless that has been done."""
        chunk = self._job.chunk(self._index)
        if self._job.files.is_cancelled():
            raise JobCancelledError(f"job {self._job.job_id} was cancelled")
        if self._job.files.part_marker(self._item.stage, self._index) is not None:
            lease.release()  # a duplicate: its announcement may be missing
            self._job.announce(self._item)
            return
        known = self._job.state.times_again()
        try:
            marker = self._done(lease, chunk)
        except DamagedOutputError as damage:
            lease.release()
            self._job.do_again(damage, while_at=self._item, known=known)
            return
        lease.release()
        self._commit(marker)

    def give_up(self, attempts: int, reason: str) -> None:
        """Mark the part as failed: the job ends without it, and says why."""
        logger.error("job %s %s: given up, attempt %d: %s", self._job.job_id, self._item, attempts, reason)
        self._commit(ChunkMarker(outcome="failed", reason=reason, attempts=attempts, worker=worker_name()))

    def _done(self, lease: Lease, chunk: ChunkSpec) -> ChunkMarker:
        with scratch_directory("chunk") as directory:
            output_dir = directory / "output"
            output_dir.mkdir()
            attempt = PartAttempt(
                job=self._job,
                chunk=chunk,
                directory=directory,
                output_dir=output_dir,
                heartbeat=self._heartbeat(lease),
                attempts=lease.attempts,
            )
            return self._stored(self._work(attempt), output_dir)

    def _heartbeat(self, lease: Lease) -> Callable[[int], None]:
        def beat(frames_done: int) -> None:
            self._job.connections.raise_if_stopping()
            lease.report(frames_done)

        return beat

    def _stored(self, marker: ChunkMarker, output_dir: Path) -> ChunkMarker:
        started = time.perf_counter()
        files = sorted(output_dir.iterdir())
        for path in files:
            key = keys.part_output(self._job.job_id, self._item.stage, self._index, path.name)
            self._job.connections.retrying_store.put_file(key, path)
        seconds = {**marker.seconds_by_stage, "put": time.perf_counter() - started}
        stored = tuple(map(StoredFile.of, files))
        return marker.model_copy(update={"files": stored, "seconds_by_stage": seconds})

    def _commit(self, marker: ChunkMarker) -> None:
        """Write the marker, then announce it."""
        chunk = self._job.chunk(self._index)
        self._job.files.write_part_marker(self._item.stage, self._index, marker)
        report_chunk(self._item.stage, chunk, marker)
        self._job.announce(self._item)
