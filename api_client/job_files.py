"""One job's objects in the store: the truth about it."""

from collections.abc import Iterable
from typing import Literal

from api_client.contract import ChunkMarker, JobDocument, JobResult, Manifest, Stage, TrackMarker, keys
from api_client.contract.ids import JobId, checked_job_id
from api_client.contract.stages import FINDING
from api_client.errors import IntegrityError, JobFailedError, JobNotFoundError, ObjectNotFoundError
from api_client.store.protocol import ObjectStore
from api_client.stored_source import stored_source

PartOutcome = Literal["done", "failed"]


def part_outcomes(job_id: JobId, stage: Stage, present: Iterable[str], count: int) -> dict[int, PartOutcome]:
    """Part → how it ended, from the keys that are present; done wins where both markers are there.

    Only the markers a worker would write for one of the source's parts count: anybody may have put other
    things beside them.
    """
    present = set(present)
    outcomes: dict[int, PartOutcome] = {}
    for index in range(count if present else 0):
        if keys.part_done(job_id, stage, index) in present:
            outcomes[index] = "done"
        elif keys.part_failed(job_id, stage, index) in present:
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
            document = JobDocument.from_bytes(self.store.get(keys.manifest(self.job_id)))
        except ObjectNotFoundError:
            raise JobNotFoundError(
                f"no job {self.job_id!r} in {self.store.url}: `client jobs` lists those there are"
            ) from None
        self._check_job(document.job_id, "manifest")
        footage = stored_source(self.store, document.source_id)
        if footage is None:
            raise IntegrityError(
                f"the video of job {self.job_id} is gone from {self.store.url}: submit it again"
            )
        return Manifest(document=document, footage=footage)

    def stage_at_work(self, manifest: Manifest) -> tuple[Stage, set[int]]:
        """The stage an unfinished job is at, and which of its parts are finished, by what the store holds."""
        stages = manifest.stages
        if Stage.RENDER in stages and (Stage.TRACK not in stages or self.tracked() is not None):
            return self._by_part(manifest, Stage.RENDER)
        if manifest.embeddings_key is not None and not self.store.exists(manifest.embeddings_key):
            return Stage.EMBED, set()
        if manifest.finding in stages:
            return self._by_part(manifest, manifest.finding)
        return Stage.TRACK, set()

    def _by_part(self, manifest: Manifest, stage: Stage) -> tuple[Stage, set[int]]:
        finished = set(self.finished_parts(manifest, stage))
        return (stage if len(finished) < len(manifest.chunks) else stage.following), finished

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

    def finished_parts(self, manifest: Manifest, stage: Stage) -> dict[int, PartOutcome]:
        """Part → how it ended, by listing the store. Whatever else lies there is none of the job's."""
        there = self.store.list(keys.stage_prefix(self.job_id, stage))
        present = (info.key for info in there if info.size_bytes)
        return part_outcomes(self.job_id, stage, present, len(manifest.chunks))

    def part_marker(self, stage: Stage, index: int) -> ChunkMarker | None:
        """How a part ended, or None while it has not; done wins where both markers are there.

        A marker that cannot be read is none: the part is done again, and writes another.
        """
        for key in (keys.part_done, keys.part_failed):
            try:
                return ChunkMarker.from_bytes(self.store.get(key(self.job_id, stage, index)))
            except (ObjectNotFoundError, IntegrityError):
                continue
        return None

    def write_part_marker(self, stage: Stage, index: int, marker: ChunkMarker) -> None:
        """Commit a part: everything it refers to is already stored."""
        key = keys.part_done if marker.outcome == "done" else keys.part_failed
        self.store.put(key(self.job_id, stage, index), marker.to_bytes())

    def forget_part(self, stage: Stage, index: int) -> None:
        """Delete a part's markers, so that it is done again."""
        self.store.delete(keys.part_done(self.job_id, stage, index))
        self.store.delete(keys.part_failed(self.job_id, stage, index))

    def tracked(self) -> TrackMarker | None:
        """What `track` wrote, or None while it has not. A marker that cannot be read is none."""
        try:
            return TrackMarker.from_bytes(self.store.get(keys.tracked(self.job_id)))
        except (ObjectNotFoundError, IntegrityError):
            return None

    def write_tracked(self, marker: TrackMarker) -> None:
        """Commit the log: everything it refers to is already stored."""
        self.store.put(keys.tracked(self.job_id), marker.to_bytes())

    def forget_tracked(self) -> None:
        """Delete the log's marker, so that it is made again. Of the same detections it is the same."""
        self.store.delete(keys.tracked(self.job_id))

    def open(self) -> None:
        """Note that the job has not ended, where a reconciler looks."""
        self.store.put(keys.open_job(self.job_id), b"open\n")

    def close(self) -> None:
        """Take that back: the job has ended, or nobody wants it any more."""
        self.store.delete(keys.open_job(self.job_id))

    def forget_result(self) -> None:
        """Delete the job's end, so that its result is put together again."""
        self.store.delete(keys.job_done(self.job_id))

    def forget_failures(self, manifest: Manifest) -> int:
        """Delete the markers of given-up parts and what was made of them, so that they are tried again."""
        forgotten = 0
        for stage in filter(lambda stage: stage.is_by_part, manifest.stages):
            outcomes = self.finished_parts(manifest, stage).items()
            failed = [index for index, outcome in outcomes if outcome == "failed"]
            if failed:
                self.forget_result()
            if failed and stage in FINDING:  # what is drawn will be another
                self.forget_tracked()
                self.store.delete_prefix(keys.stage_prefix(self.job_id, Stage.RENDER))
            for index in failed:
                self.store.delete(keys.part_failed(self.job_id, stage, index))
            forgotten += len(failed)
        return forgotten

    def cancel(self) -> None:
        """Note that somebody asked to stop."""
        self.store.put(keys.cancelled(self.job_id), b"")

    def uncancel(self) -> None:
        """Take that back."""
        self.store.delete(keys.cancelled(self.job_id))

    def is_cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self.store.exists(keys.cancelled(self.job_id))

    def _check_job(self, job_id: JobId, what: str) -> None:
        if job_id != self.job_id:
            raise IntegrityError(
                f"the {what} stored for job {self.job_id} is that of {job_id}: submit it again"
            )
