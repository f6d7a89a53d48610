"""What Redis knows of a job. All of it only makes things quick: listing the store rebuilds it.

A job's items of work are its chunks ("0", "1", …) and "reduce". Each is in one place:

    backlog ──► sent ──► running ──► done
       ▲         │          │
       └─────────┴──────────┘  given back, or lost: no sign of life for `silence_seconds`

horatio:outstanding          LIST of "job/chunk" not yet finished, backlog included, for the autoscaler
horatio:job:{id}:backlog     ZSET chunk → its index: waits until few enough of the job are sent
horatio:job:{id}:sent        ZSET item → last sign of life: its message is queued or with a worker
horatio:job:{id}:running     ZSET item → last sign of life: a worker is at it, and renews this lease
horatio:job:{id}:progress    HASH item → {"frames", "worker"}, for people
horatio:job:{id}:done        SET of chunks that are finished, done or given up
horatio:job:{id}:attempts    HASH item → how often it was started and not given back
horatio:job:{id}:reasons     HASH item → why its last attempt ended
horatio:job:{id}:trouble     why nothing moves at the moment, for people; gone by itself
horatio:job:{id}:cancelled   present once the job is cancelled
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import redis

from api_client.contract.ids import JobId
from api_client.queue import job_scripts

OUTSTANDING = "horatio:outstanding"
REDUCE = "reduce"
"""The item that puts a job's result together."""
Item = str
"""A chunk's index in digits, or `REDUCE`."""
T = TypeVar("T")
_KEPT_SECONDS = 14 * 24 * 3600
_TROUBLE_SECONDS = 60
_NAMES = (
    "backlog", "sent", "running", "progress", "done", "attempts", "reasons", "trouble", "cancelled"
)  # fmt: skip


class Patiently(Protocol):
    """How a command is given to Redis: at once, or again and again until it answers."""

    def __call__(self, call: Callable[[], T], /) -> T:
        """Return what the call returns."""
        ...


def at_once(call: Callable[[], T], /) -> T:
    """Give the command once; what it raises is raised."""
    return call()


@dataclass(frozen=True, kw_only=True)
class ChunkProgress:
    """How far a worker is with a chunk."""

    index: int
    frames_done: int
    worker: str
    silent_seconds: float
    """Since the worker's last sign of life."""


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """Where a job's unfinished items are. Ages are seconds since the last sign of life."""

    backlog: frozenset[Item]
    sent_ages_seconds: dict[Item, float]
    running_ages_seconds: dict[Item, float]

    def alive(self, *, silence_seconds: float) -> set[Item]:
        """Items that somebody has, or that wait their turn."""
        ages = [*self.sent_ages_seconds.items(), *self.running_ages_seconds.items()]
        return set(self.backlog) | {item for item, age in ages if age < silence_seconds}

    @property
    def everywhere(self) -> set[Item]:
        """Items noted anywhere."""
        return {*self.backlog, *self.sent_ages_seconds, *self.running_ages_seconds}


def outstanding_chunks(connection: "redis.Redis") -> dict[JobId, list[int]]:
    """Return, for every job that has any, the chunks not yet finished. One round trip."""
    chunks: defaultdict[JobId, list[int]] = defaultdict(list)
    for token in connection.lrange(OUTSTANDING, 0, -1):
        job_id, _, index = str(token).rpartition("/")
        if index.isdecimal():
            chunks[job_id].append(int(index))
    return chunks


class JobState:
    """One job's keys. Every method is one round trip, and may be repeated without harm."""

    def __init__(self, connection: "redis.Redis", job_id: JobId, *, patiently: Patiently = at_once) -> None:
        self._redis = connection
        self._patiently = patiently
        self.job_id = job_id

    def add_to_backlog(self, indices: Iterable[int]) -> None:
        """Note chunks as wanted, and as outstanding for the autoscaler; those noted already stay once."""
        wanted = list(indices)
        if not wanted:
            return
        noted = set(outstanding_chunks(self._redis).get(self.job_id, ()))
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(self._key("backlog"), {str(index): index for index in wanted})
            pipe.zrem(self._key("sent"), *map(str, wanted))
            pipe.zrem(self._key("running"), *map(str, wanted))
            pipe.expire(self._key("backlog"), _KEPT_SECONDS)
            fresh = [self._token(index) for index in wanted if index not in noted]
            if fresh:
                pipe.rpush(OUTSTANDING, *fresh)
            self._patiently(pipe.execute)

    def take_next(self, *, most_sent: int) -> list[int]:
        """Move chunks from the backlog to `sent` while fewer than so many are sent; return them."""
        taken = self._run(job_scripts.TAKE_NEXT, ("backlog", "sent"), most_sent, _KEPT_SECONDS)
        return [int(item) for item in taken]

    def claim(self, item: Item, *, silence_seconds: float) -> bool:
        """Note an item as sent unless somebody has it; return whether the caller is to send it."""
        return bool(self._run(job_scripts.CLAIM, ("sent", "running"), item, silence_seconds, _KEPT_SECONDS))

    def start(self, item: Item, *, silence_seconds: float, take_over: bool) -> int | None:
        """Take the lease of an item and count an attempt; return which one it is, from 1.

        None where a live worker has it already, unless `take_over`: its message was delivered a second time,
        which says that the first worker is lost.
        """
        keys = ("backlog", "sent", "running", "attempts")
        attempts = int(
            self._run(job_scripts.START, keys, item, silence_seconds, int(take_over), _KEPT_SECONDS)
        )
        return None if attempts < 0 else attempts

    def renew(self, item: Item, *, frames_done: int, worker: str) -> bool:
        """Renew the lease of a started item and say how far it is; return whether the job is cancelled."""
        report = json.dumps({"frames": frames_done, "worker": worker})
        keys = ("running", "progress", "cancelled")
        return bool(self._run(job_scripts.RENEW, keys, item, report, _KEPT_SECONDS))

    def renew_sent(self, item: Item) -> None:
        """Say that a worker's parent has the item's message. Nothing happens to an item that was started."""
        self._run(job_scripts.RENEW_SENT, ("sent",), item)

    def give_back(self, item: Item, *, blameless: bool) -> None:
        """Let go of a started item. A chunk goes back to the backlog; `blameless` takes the attempt back."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrem(self._key("running"), item)
            pipe.hdel(self._key("progress"), item)
            if item != REDUCE:
                pipe.zadd(self._key("backlog"), {item: int(item)})
            if blameless:
                pipe.hincrby(self._key("attempts"), item, -1)
            self._patiently(pipe.execute)

    def settle(self, items: Iterable[Item]) -> None:
        """These items need no more work, whatever came of them."""
        with self._redis.pipeline(transaction=True) as pipe:
            self._settle(pipe, items)
            self._patiently(pipe.execute)

    def finish(self, index: int) -> int:
        """Note a chunk as finished; return how many are. Doing it twice changes nothing."""
        with self._redis.pipeline(transaction=True) as pipe:
            self._settle(pipe, [str(index)])
            pipe.sadd(self._key("done"), index)
            pipe.expire(self._key("done"), _KEPT_SECONDS)
            pipe.scard(self._key("done"))
            return int(self._patiently(pipe.execute)[-1])

    def note_finished(self, indices: Iterable[int], *, settle: Iterable[Item]) -> None:
        """Note what the store says is finished; settle items that were still noted as unfinished."""
        finished = list(indices)
        with self._redis.pipeline(transaction=True) as pipe:
            self._settle(pipe, settle)
            if finished:
                pipe.sadd(self._key("done"), *finished)
                pipe.expire(self._key("done"), _KEPT_SECONDS)
            self._patiently(pipe.execute)

    def unfinish(self, index: int) -> int:
        """A chunk that was finished has to be done again; return how often that was said of it."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.srem(self._key("done"), index)
            pipe.hincrby(self._key("attempts"), f"{index} again", 1)
            pipe.expire(self._key("attempts"), _KEPT_SECONDS)
            return int(self._patiently(pipe.execute)[1])

    def finished(self) -> set[int]:
        """The chunks noted as finished; empty where Redis has forgotten."""
        return {int(index) for index in self._redis.smembers(self._key("done")) if str(index).isdecimal()}

    def holdings(self) -> Holdings:
        """Where the job's unfinished items are."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrange(self._key("backlog"), 0, -1)
            pipe.zrange(self._key("sent"), 0, -1, withscores=True)
            pipe.zrange(self._key("running"), 0, -1, withscores=True)
            pipe.time()
            backlog, sent, running, (seconds, microseconds) = self._patiently(pipe.execute)
        now = seconds + microseconds / 1e6
        return Holdings(
            backlog=frozenset(backlog),
            sent_ages_seconds={item: now - at for item, at in sent},
            running_ages_seconds={item: now - at for item, at in running},
        )

    def progress(self) -> list[ChunkProgress]:
        """The chunks being worked on."""
        ages = self.holdings().running_ages_seconds
        reports = self._redis.hgetall(self._key("progress"))
        chunks = {item: age for item, age in ages.items() if item.isdecimal()}
        return [_chunk_progress(int(item), reports.get(item), age) for item, age in chunks.items()]

    def note_reason(self, item: Item, reason: str) -> None:
        """Say why an attempt ends, for whoever gives the item up in the end."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(self._key("reasons"), item, reason)
            pipe.expire(self._key("reasons"), _KEPT_SECONDS)
            self._patiently(pipe.execute)

    def reason(self, item: Item) -> str | None:
        """What was said last about the item's attempts."""
        found = self._patiently(lambda: self._redis.hget(self._key("reasons"), item))
        return None if found is None else str(found)

    def note_trouble(self, trouble: str) -> None:
        """Say why nothing moves at the moment. Forgotten after a minute, unless said again."""
        self._redis.set(self._key("trouble"), trouble, ex=_TROUBLE_SECONDS)

    def trouble(self) -> str | None:
        """Why nothing moves at the moment, as a worker said."""
        found = self._redis.get(self._key("trouble"))
        return None if found is None else str(found)

    def cancel(self) -> None:
        """Tell all workers to stop at their next batch, and forget what was not started."""
        holdings = self.holdings()
        waiting = {*holdings.backlog, *holdings.sent_ages_seconds}
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(self._key("cancelled"), "1", ex=_KEPT_SECONDS)
            self._settle(pipe, waiting)
            self._patiently(pipe.execute)

    def delete(self) -> None:
        """Forget the job."""
        tokens = [self._token(index) for index in outstanding_chunks(self._redis).get(self.job_id, ())]
        with self._redis.pipeline(transaction=True) as pipe:
            for token in tokens:
                pipe.lrem(OUTSTANDING, 0, token)
            pipe.delete(*(self._key(name) for name in _NAMES))
            self._patiently(pipe.execute)

    def _settle(self, pipe: "redis.client.Pipeline", items: Iterable[Item]) -> None:
        for item in items:
            for name in ("backlog", "sent", "running"):
                pipe.zrem(self._key(name), item)
            for name in ("progress", "attempts", "reasons"):
                pipe.hdel(self._key(name), item)
            if item != REDUCE:
                pipe.lrem(OUTSTANDING, 0, self._token(int(item)))

    def _run(self, script: str, names: tuple[str, ...], *arguments: object) -> Any:
        keys = [self._key(name) for name in names]
        return self._patiently(lambda: self._redis.eval(script, len(keys), *keys, *map(str, arguments)))

    def _key(self, name: str) -> str:
        return f"horatio:job:{self.job_id}:{name}"

    def _token(self, index: int) -> str:
        return f"{self.job_id}/{index}"


def _chunk_progress(index: int, report: str | bytes | None, age_seconds: float) -> ChunkProgress:
    """Of a chunk whose report cannot be read, only that somebody is at it."""
    try:
        said = json.loads(report or "{}")
        frames_done, worker = int(said.get("frames", 0)), str(said.get("worker", ""))
    except (ValueError, TypeError, AttributeError):
        frames_done, worker = 0, ""
    return ChunkProgress(index=index, frames_done=frames_done, worker=worker, silent_seconds=age_seconds)


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
