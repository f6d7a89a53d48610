"""One job's objects in the store: the truth about it."""

from api_client.contract import ChunkMarker, JobResult, Manifest, keys
from api_client.contract.ids import JobId, checked_job_id
from api_client.errors import IntegrityError, JobNotFoundError, ObjectNotFoundError
from api_client.store.protocol import ObjectStore


class JobFiles:
    """Reads and writes the documents of one job."""

    def __init__(self, store: ObjectStore, job_id: JobId) -> None:
        self.store = store
        self.job_id = checked_job_id(job_id)

    def manifest(self) -> Manifest:
        """Raise `JobNotFoundError` where there is no such job."""
        try:
            return Manifest.from_bytes(self.store.get(keys.manifest(self.job_id)))
        except ObjectNotFoundError:
            raise JobNotFoundError(
                f"no job {self.job_id!r} in {self.store.url}: `client jobs` lists those there are"
            ) from None

    def result(self) -> JobResult | None:
        """The job's end, or None while it has not ended."""
        try:
            return JobResult.from_bytes(self.store.get(keys.job_done(self.job_id)))
        except ObjectNotFoundError:
            return None

    def finished_chunks(self, count: int) -> dict[int, str]:
        """Chunk → "done" or "failed", by listing the store; done wins where both markers are there.

        count: how many chunks the job has. Whatever else lies there is none of ours.
        """
        there = {info.key for info in self.store.list(keys.chunks_prefix(self.job_id)) if info.size_bytes}
        return {
            index: "done" if keys.chunk_done(self.job_id, index) in there else "failed"
            for index in range(count)
            if {keys.chunk_done(self.job_id, index), keys.chunk_failed(self.job_id, index)} & there
        }

    def chunk_marker(self, index: int) -> ChunkMarker | None:
        """How a chunk ended, or None while it has not; done wins where both markers are there.

        A marker that cannot be read is none: the chunk is done again, and writes another.
        """
        for key in (keys.chunk_done(self.job_id, index), keys.chunk_failed(self.job_id, index)):
            try:
                return ChunkMarker.from_bytes(self.store.get(key))
            except (ObjectNotFoundError, IntegrityError):
                continue
        return None

    def write_chunk_marker(self, index: int, marker: ChunkMarker) -> None:
        """Commit a chunk: everything it refers to is already stored."""
        key = keys.chunk_done if marker.outcome == "done" else keys.chunk_failed
        self.store.put(key(self.job_id, index), marker.to_bytes())

    def forget_chunk(self, index: int) -> None:
        """Delete a chunk's markers, so that it is done again."""
        self.store.delete(keys.chunk_done(self.job_id, index))
        self.store.delete(keys.chunk_failed(self.job_id, index))

    def open(self) -> None:
        """Note that the job has not ended, where a reconciler looks."""
        self.store.put(keys.open_job(self.job_id), b"open\n")

    def close(self) -> None:
        """Take that back: the job has ended, or nobody wants it any more."""
        self.store.delete(keys.open_job(self.job_id))

    def forget_failures(self, count: int) -> int:
        """Delete the markers of given-up chunks and the job's end, so that they are tried again."""
        failed = [index for index, outcome in self.finished_chunks(count).items() if outcome == "failed"]
        if failed:
            self.store.delete(keys.job_done(self.job_id))
        for index in failed:
            self.store.delete(keys.chunk_failed(self.job_id, index))
        return len(failed)

    def cancel(self) -> None:
        """Note that somebody asked to stop."""
        self.store.put(keys.cancelled(self.job_id), b"")

    def uncancel(self) -> None:
        """Take that back."""
        self.store.delete(keys.cancelled(self.job_id))

    def is_cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self.store.exists(keys.cancelled(self.job_id))
