"""What Redis knows of a job. All of it only makes things quick: listing the store rebuilds it.

horatio:outstanding          LIST of "job/chunk" enqueued and not yet committed, for the autoscaler
horatio:job:{id}:done        SET of chunks that are finished, done or given up
horatio:job:{id}:attempts    HASH chunk or "finish" → how often it was started
horatio:job:{id}:progress    HASH chunk → {"frames", "worker", "at"} of chunks being worked on
horatio:job:{id}:finishing   present while a reducer is enqueued or at work
horatio:job:{id}:cancelled   present once the job is cancelled
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import redis

from api_client.contract.ids import JobId

OUTSTANDING = "horatio:outstanding"
Step = int | Literal["finish"]
"""A chunk's index, or the reducer."""
_KEPT_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class ChunkProgress:
    """How far a worker is with a chunk."""

    index: int
    frames_done: int
    worker: str
    at_unix_seconds: float
    """When the worker said so."""


def outstanding_chunks(connection: "redis.Redis") -> dict[JobId, list[int]]:
    """Return, for every job that has any, the chunks enqueued or being worked on. One round trip."""
    chunks: defaultdict[JobId, list[int]] = defaultdict(list)
    for token in connection.lrange(OUTSTANDING, 0, -1):
        job_id, _, index = str(token).rpartition("/")
        chunks[job_id].append(int(index))
    return chunks


class JobState:
    """One job's keys. Every method is one round trip."""

    def __init__(self, connection: "redis.Redis", job_id: JobId) -> None:
        self._redis = connection
        self.job_id = job_id

    def _key(self, name: str) -> str:
        return f"horatio:job:{self.job_id}:{name}"

    def _token(self, index: int) -> str:
        return f"{self.job_id}/{index}"

    def add_outstanding(self, indices: Iterable[int]) -> None:
        """Note chunks as enqueued, each once, before their messages are sent."""
        with self._redis.pipeline(transaction=True) as pipe:
            for index in indices:
                pipe.lrem(OUTSTANDING, 0, self._token(index))
                pipe.rpush(OUTSTANDING, self._token(index))
            pipe.execute()

    def settle(self, index: int) -> None:
        """The chunk needs no more work, whatever came of it."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.lrem(OUTSTANDING, 0, self._token(index))
            pipe.hdel(self._key("progress"), str(index))
            pipe.execute()

    def add_finished(self, indices: Iterable[int]) -> int:
        """Note chunks as finished; return how many are. Doing it twice changes nothing."""
        with self._redis.pipeline(transaction=True) as pipe:
            for index in indices:
                pipe.sadd(self._key("done"), index)
            pipe.expire(self._key("done"), _KEPT_SECONDS)
            pipe.scard(self._key("done"))
            return int(pipe.execute()[-1])

    def finished(self) -> set[int]:
        """The chunks noted as finished; empty where Redis has forgotten."""
        return {int(index) for index in self._redis.smembers(self._key("done"))}

    def count_attempt(self, step: Step) -> int:
        """Count a start of a chunk or of the reducer; return how many there were, this one included."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hincrby(self._key("attempts"), str(step), 1)
            pipe.expire(self._key("attempts"), _KEPT_SECONDS)
            return int(pipe.execute()[0])

    def uncount_attempt(self, step: Step) -> None:
        """Take a start back, where the step was not to blame for its end."""
        self._redis.hincrby(self._key("attempts"), str(step), -1)

    def report_progress(self, index: int, *, frames_done: int, worker: str) -> bool:
        """Say how far a chunk is; return whether the job has been cancelled meanwhile."""
        report = json.dumps({"frames": frames_done, "worker": worker, "at": time.time()})
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(self._key("progress"), str(index), report)
            pipe.expire(self._key("progress"), _KEPT_SECONDS)
            pipe.exists(self._key("cancelled"))
            return bool(pipe.execute()[-1])

    def progress(self) -> list[ChunkProgress]:
        """The chunks being worked on."""
        entries = self._redis.hgetall(self._key("progress"))
        return [_chunk_progress(int(index), json.loads(report)) for index, report in entries.items()]

    def cancel(self) -> None:
        """Tell all workers to stop at their next batch."""
        self._redis.set(self._key("cancelled"), "1", ex=_KEPT_SECONDS)

    def uncancel(self) -> None:
        """Let the job go on."""
        self._redis.delete(self._key("cancelled"))

    def claim_finishing(self, seconds: int) -> bool:
        """Claim the right to enqueue the reducer; at most one caller gets it per `seconds`."""
        return bool(self._redis.set(self._key("finishing"), "1", nx=True, ex=seconds))

    def release_finishing(self) -> None:
        """Let the reducer be enqueued again."""
        self._redis.delete(self._key("finishing"))

    def delete(self) -> None:
        """Forget the job."""
        names = ("done", "attempts", "progress", "finishing", "cancelled")
        self._redis.delete(*(self._key(name) for name in names))


def _chunk_progress(index: int, report: dict[str, object]) -> ChunkProgress:
    return ChunkProgress(
        index=index,
        frames_done=int(str(report["frames"])),
        worker=str(report["worker"]),
        at_unix_seconds=float(str(report["at"])),
    )


@contextmanager
def shared_lock(connection: "redis.Redis", name: str, *, seconds: int) -> Iterator[None]:
    """Hold a lock across workers, for at most `seconds`; an optimisation, since it can expire."""
    lock = connection.lock(f"horatio:lock:{name}", timeout=seconds, sleep=0.2)
    lock.acquire()
    try:
        yield
    finally:
        if lock.owned():
            lock.release()
