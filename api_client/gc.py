"""Deleting old jobs, and footage that no job needs: `client gc`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from api_client.contract import JobDocument, keys
from api_client.contract.ids import JobId, checked_job_id
from api_client.contract.source import SourceId
from api_client.errors import IntegrityError, JobNotFoundError, ObjectNotFoundError, SettingsError
from api_client.local import LocalStack
from api_client.queue.broker import broker_errors
from api_client.queue.connections import Connections, open_store_of
from api_client.queue.items import Item
from api_client.queue.job_state import outstanding_parts
from api_client.settings import Settings
from api_client.source_use import delete_source, deletion, is_used
from api_client.store import ObjectStore


@dataclass(frozen=True, kw_only=True)
class OldJob:
    """A job, or what is left of one, in whose place nothing was written lately."""

    job_id: JobId
    last_written_at: datetime
    """Aware, UTC: when the newest of its objects was written."""
    object_count: int
    size_bytes: int
    waiting_chunks: tuple[Item, ...]
    """Noted as enqueued or being worked on."""
    has_ended: bool
    """Whether there is a result, a cancellation, or no manifest (an upload that was broken off)."""
    needed_by: JobId | None = None
    """A job that is made of this one and has not ended."""

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still waits for it: it is old because the cluster is slow, or was away."""
        return bool(self.waiting_chunks) and not self.has_ended

    @property
    def is_in_use(self) -> bool:
        """Whether deleting it would take something from somebody."""
        return self.is_waiting or self.needed_by is not None


@dataclass(frozen=True, kw_only=True)
class UnusedSource:
    """Footage that no job asks anything of."""

    source_id: SourceId
    object_count: int
    size_bytes: int


class GarbageCollector:
    """Finds and deletes jobs and footage, in the store and in what Redis knows. What jobs share stays."""

    def __init__(
        self, store: ObjectStore, connections: Connections | None, *, others: Sequence[Connections] = ()
    ) -> None:
        """Without connections there is only the store: no worker runs that could be at a job.

        others: stacks on this machine that end with their clients, and keep their jobs while they run.
        """
        self._store = store
        self._connections = connections
        self._others = others

    @classmethod
    def of(cls, settings: Settings) -> "GarbageCollector":
        """Reach what the settings name; on this machine, the stack that runs, if one does."""
        if settings.is_local:
            stack = LocalStack.find(settings)
            connections = Connections(stack.settings) if stack else None
            others = [Connections(other.settings) for other in LocalStack.of_other_clients(settings)]
        else:
            connections, others = Connections(settings), []
        return cls(open_store_of(settings), connections, others=others)

    def find(self, *, older_than: datetime) -> Iterator[OldJob]:
        """Yield jobs of which no object was written since, those in use too.

        Raises `BrokerUnavailableError` where Redis cannot say which are.
        """
        waiting, needed = self._waiting_chunks(), self._needed_jobs()
        for name in self._store.list_prefixes(keys.JOBS):
            if _is_job_id(name):
                job = self._inspect(name, waiting, needed)
                if job is not None and job.last_written_at < older_than:
                    yield job

    def find_named(self, job_ids: Iterable[JobId]) -> Iterator[OldJob]:
        """Yield these jobs, however young. Raises `JobNotFoundError` where nothing of one is stored."""
        waiting, needed = self._waiting_chunks(), self._needed_jobs()
        for job_id in job_ids:
            job = self._inspect(job_id, waiting, needed)
            if job is None:
                raise JobNotFoundError(
                    f"no job {job_id!r} in {self._store.url}: `client jobs` lists those there are"
                )
            yield job

    def delete(self, job: OldJob) -> None:
        """Delete a job for good. What is broken off midway is found and deleted by the next call."""
        # a job exists while its manifest does: from here on no worker begins with what is half gone
        self._store.delete(keys.manifest(job.job_id))
        self._store.delete_prefix(keys.job_prefix(job.job_id))
        self._store.delete(keys.open_job(job.job_id))
        if self._connections is not None:
            with broker_errors(self._connections.settings):
                self._connections.state(job.job_id).delete()

    def unused_sources(self, *, older_than: datetime) -> list[UnusedSource]:
        """Footage that no job refers to and of which nothing was written since: it may be being uploaded.

        Nothing where a job's document cannot be read: nobody knows what that job needs.
        """
        needed = self._needed_sources()
        if needed is None:
            return []
        found = []
        for source_id in self._store.list_prefixes(keys.SOURCES):
            objects = [*self._store.list(keys.source_prefix(source_id))]
            young = any(info.modified_at >= older_than for info in objects)
            if source_id in needed or young or is_used(self._store, source_id):
                continue
            size_bytes = sum(info.size_bytes for info in objects)
            found.append(UnusedSource(source_id=source_id, object_count=len(objects), size_bytes=size_bytes))
        return found

    def delete_sources(self, sources: Sequence[UnusedSource]) -> list[UnusedSource]:
        """Delete footage for good; return what was deleted: not what somebody has begun to use meanwhile."""
        with deletion(self._store, [source.source_id for source in sources]) as noted:
            # users first: a user is noted until its job is
            used = {source.source_id for source in sources if is_used(self._store, source.source_id)}
            needed = self._needed_sources()
            if needed is None:
                return []
            gone = [found for found in noted if found.source_id not in used | needed]
            for found in gone:
                delete_source(self._store, found)
        deleted = {found.source_id for found in gone}
        return [source for source in sources if source.source_id in deleted]

    def _needed_sources(self) -> set[SourceId] | None:
        """None where a job's document cannot be read."""
        needed = set()
        for name in filter(_is_job_id, self._store.list_prefixes(keys.JOBS)):
            try:
                needed.add(JobDocument.from_bytes(self._store.get(keys.manifest(name))).source_id)
            except ObjectNotFoundError:  # an upload that was broken off
                continue
            except IntegrityError:
                return None
        return needed

    def _needed_jobs(self) -> Mapping[JobId, JobId]:
        """Job → one that is made of it and has not ended."""
        needed = {}
        for info in self._store.list(keys.OPEN):
            job_id = info.key.removeprefix(keys.OPEN)
            if not _is_job_id(job_id):
                continue
            with suppress(ObjectNotFoundError, IntegrityError):
                document = JobDocument.from_bytes(self._store.get(keys.manifest(job_id)))
                if document.made_of is not None and not self._store.exists(keys.cancelled(job_id)):
                    needed[document.made_of] = job_id
        return needed

    def _inspect(
        self, job_id: JobId, waiting: Mapping[JobId, list[Item]], needed: Mapping[JobId, JobId]
    ) -> OldJob | None:
        objects = [*self._store.list(keys.job_prefix(job_id))]
        if not objects:  # somebody else deletes it now
            return None
        there = {info.key for info in objects}
        ended = {keys.job_done(job_id), keys.cancelled(job_id)} & there
        return OldJob(
            job_id=job_id,
            last_written_at=max(info.modified_at for info in objects),
            object_count=len(objects),
            size_bytes=sum(info.size_bytes for info in objects),
            waiting_chunks=tuple(waiting.get(job_id, ())),
            has_ended=bool(ended) or keys.manifest(job_id) not in there,
            needed_by=needed.get(job_id),
        )

    def _waiting_chunks(self) -> Mapping[JobId, list[Item]]:
        waiting: dict[JobId, list[Item]] = {}
        for connections in filter(None, (self._connections, *self._others)):
            with broker_errors(connections.settings):
                waiting |= outstanding_parts(connections.redis)
        return waiting


def _is_job_id(name: str) -> bool:
    try:
        checked_job_id(name)
    except SettingsError:
        return False
    return True
