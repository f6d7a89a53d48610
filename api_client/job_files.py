"""One job's objects in the store: the truth about it."""

from collections.abc import Iterable
from typing import Literal

from api_client.contract import ChunkMarker, JobResult, Manifest, keys
from api_client.contract.ids import JobId, checked_job_id
from api_client.errors import IntegrityError, JobFailedError, JobNotFoundError, ObjectNotFoundError
from api_client.scratch import scratch_directory
from api_client.store.checked_download import download_checked
from api_client.store.protocol import ObjectStore

ChunkOutcome = Literal["done", "failed"]


def chunk_outcomes(job_id: JobId, present: Iterable[str], chunk_count: int) -> dict[int, ChunkOutcome]:
    """Chunk → how it ended, from the keys that are present; done wins where both markers are there.

    Only the markers a worker would write for one of the manifest's chunks count: anybody may have put
    other things beside them.
    """
    present = set(present)
    outcomes: dict[int, ChunkOutcome] = {}
    for index in range(chunk_count if present else 0):
        if keys.chunk_done(job_id, index) in present:
            outcomes[index] = "done"
        elif keys.chunk_failed(job_id, index) in present:
            outcomes[index] = "failed"
    return outcomes


class JobFiles:
    """Reads and writes the documents of one job."""

    def __init__(self, store: ObjectStore, job_id: JobId) -> None:
        self.store = store
        self.job_id = checked_job_id(job_id)

    def manifest(self) -> Manifest:
        """Raise `JobNotFoundError` where there is no such job."""
        try:
            manifest = Manifest.from_bytes(self.store.get(keys.manifest(self.job_id)))
        except ObjectNotFoundError:
            raise JobNotFoundError(
                f"no job {self.job_id!r} in {self.store.url}: `client jobs` lists those there are"
            ) from None
        self._check_job(manifest.job_id, "manifest")
        return manifest

    def result(self) -> JobResult | None:
        """The job's end, or None while it has not ended."""
        try:
            result = JobResult.from_bytes(self.store.get(keys.job_done(self.job_id)))
        except ObjectNotFoundError:
            return None
        self._check_job(result.job_id, "result")
        return result

    def successful_result(self) -> JobResult:
        """The job's result; raise `JobFailedError` where it has none (yet)."""
        result = self.result()
        if result is None:
            raise JobFailedError(
                f"job {self.job_id} has no result yet: `client watch {self.job_id}` waits for it"
            )
        if result.state == "failed":
            raise JobFailedError(f"job {self.job_id} failed: {result.reason}")
        return result

    def finished_chunks(self, manifest: Manifest) -> dict[int, ChunkOutcome]:
        """Chunk → how it ended, by listing the store. Whatever else lies there is none of the job's."""
        present = (info.key for info in self.store.list(keys.chunks_prefix(self.job_id)) if info.size_bytes)
        return chunk_outcomes(self.job_id, present, len(manifest.chunks))

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

    def result_is_whole(self) -> bool:
        """Whether the job has a result, all of whose files are in the store as they were stored."""
        try:
            result = self.result()
        except IntegrityError:
            return False
        return (
            result is not None
            and result.state != "failed"
            and all(self._is_whole(file.name, file.sha256) for file in result.files)
        )

    def forget_result(self) -> None:
        """Delete the job's end, so that its result is put together again."""
        self.store.delete(keys.job_done(self.job_id))

    def forget_failures(self, manifest: Manifest) -> int:
        """Delete the markers of given-up chunks and the job's end, so that they are tried again."""
        failed = [index for index, outcome in self.finished_chunks(manifest).items() if outcome == "failed"]
        if failed:
            self.forget_result()
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

    def _is_whole(self, name: str, sha256: str) -> bool:
        with scratch_directory("check") as directory:
            path = directory / "file"
            try:
                return download_checked(self.store, keys.result(self.job_id, name), path, sha256)
            except ObjectNotFoundError:
                return False

    def _check_job(self, job_id: JobId, what: str) -> None:
        if job_id != self.job_id:
            raise IntegrityError(
                f"the {what} stored for job {self.job_id} is that of {job_id}: submit it again"
            )
