"""What Redis knows of a job. All of it only makes things quick: listing the store rebuilds it.

A job's items of work are its stages, part by part where a stage goes by parts: "detect/0", "detect/1", …,
"track", "render/0", …, "assemble". Each is in one place:

    backlog ──► sent ──► running ──► done
       ▲         │          │
       └─────────┴──────────┘  given back, or lost: no sign of life for `silence_seconds`

horatio:outstanding:{stage}     LIST of "job/part" not yet finished, backlog included, for the autoscaler;
                                "job/0" where the stage is the whole job's
horatio:job:{id}:backlog        ZSET item → its part: waits until few enough of the job are sent
horatio:job:{id}:sent           ZSET item → last sign of life: its message is queued or with a worker
horatio:job:{id}:running        ZSET item → last sign of life: a worker is at it, and renews this lease
horatio:job:{id}:progress       HASH item → {"frames", "worker"}, for people
horatio:job:{id}:done:{stage}   SET of parts that are finished, done or given up
horatio:job:{id}:attempts       HASH item → how often it was started and not given back
horatio:job:{id}:again          HASH item → how often what it had stored was found damaged, and made again
horatio:job:{id}:reasons        HASH item → why its last attempt ended
horatio:job:{id}:trouble        why nothing moves at the moment, for people; gone by itself
horatio:job:{id}:cancelled      present once the job is cancelled
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import redis

from api_client.contract.ids import JobId
from api_client.contract.stages import BY_PART, Stage
from api_client.queue import job_scripts
from api_client.queue.items import SCALED, Item, outstanding_list

T = TypeVar("T")
_KEPT_SECONDS = 14 * 24 * 3600
_TROUBLE_SECONDS = 60
_NAMES = (
    "backlog", "sent", "running", "progress", *(f"done:{stage}" for stage in BY_PART), "attempts", "again",
    "reasons",
    "trouble", "cancelled",
)  # fmt: skip


class RedisCalls(Protocol):
    """How a command is given to Redis: at once, or again and again until it answers."""

    def __call__(self, call: Callable[[], T], /) -> T:
        """Return what the call returns."""
        ...


def at_once(call: Callable[[], T], /) -> T:
    """Give the command once; what it raises is raised."""
    return call()


@dataclass(frozen=True, kw_only=True)
class PartProgress:
    """How far a worker is with an item."""

    item: Item
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


def outstanding_parts(connection: "redis.Redis") -> dict[JobId, list[Item]]:
    """Return, for every job that has any, the parts not yet finished. One round trip."""
    with connection.pipeline(transaction=False) as pipe:
        for stage in SCALED:
            pipe.lrange(outstanding_list(stage), 0, -1)
        found = pipe.execute()
    items: defaultdict[JobId, list[Item]] = defaultdict(list)
    for stage, tokens in zip(SCALED, found, strict=True):
        for token in tokens:
            job_id, _, index = str(token).rpartition("/")
            if index.isdecimal():
                items[job_id].append(Item(stage=stage, index=int(index) if stage.is_by_part else None))
    return items


class JobState:
    """One job's keys. Every method is one round trip, and may be repeated without harm."""

    def __init__(self, connection: "redis.Redis", job_id: JobId, *, call_redis: RedisCalls = at_once) -> None:
        self._redis = connection
        self._call_redis = call_redis
        self.job_id = job_id

    def add_to_backlog(self, items: Iterable[Item]) -> None:
        """Note parts as wanted, and as outstanding for the autoscaler; those noted already stay once."""
        wanted = list(items)
        if not wanted:
            return
        noted = set(outstanding_parts(self._redis).get(self.job_id, ()))
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(self._key("backlog"), {str(item): item.index or 0 for item in wanted})
            pipe.zrem(self._key("sent"), *map(str, wanted))
            pipe.zrem(self._key("running"), *map(str, wanted))
            pipe.expire(self._key("backlog"), _KEPT_SECONDS)
            for item in wanted:
                if item not in noted:
                    pipe.rpush(outstanding_list(item.stage), self._token(item))
            self._call_redis(pipe.execute)

    def take_next(self, *, most_sent: int) -> list[Item]:
        """Move parts from the backlog to `sent` while fewer than so many are sent; return them."""
        taken = self._run(job_scripts.TAKE_NEXT, ("backlog", "sent"), most_sent, _KEPT_SECONDS)
        return _items(taken)

    def claim(self, item: Item, *, silence_seconds: float) -> bool:
        """Note an item as sent unless somebody has it; return whether the caller is to send it."""
        if item.stage in SCALED:
            self._note_outstanding(item)
        return bool(self._run(job_scripts.CLAIM, ("sent", "running"), item, silence_seconds, _KEPT_SECONDS))

    def _note_outstanding(self, item: Item) -> None:
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.lrem(outstanding_list(item.stage), 0, self._token(item))
            pipe.rpush(outstanding_list(item.stage), self._token(item))
            self._call_redis(pipe.execute)

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
        """Let go of a started item. A part goes back to the backlog; `blameless` takes the attempt back."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrem(self._key("running"), str(item))
            pipe.hdel(self._key("progress"), str(item))
            if item.index is not None:
                pipe.zadd(self._key("backlog"), {str(item): item.index})
            if blameless:
                pipe.hincrby(self._key("attempts"), str(item), -1)
            self._call_redis(pipe.execute)

    def settle(self, items: Iterable[Item]) -> None:
        """These items need no more work, whatever came of them."""
        with self._redis.pipeline(transaction=True) as pipe:
            self._settle(pipe, items)
            self._call_redis(pipe.execute)

    def finish(self, item: Item) -> int:
        """Note a part as finished; return how many of its stage are. Doing it twice changes nothing."""
        done = self._key(f"done:{item.stage}")
        with self._redis.pipeline(transaction=True) as pipe:
            self._settle(pipe, [item])
            pipe.sadd(done, item.index or 0)
            pipe.expire(done, _KEPT_SECONDS)
            pipe.scard(done)
            return int(self._call_redis(pipe.execute)[-1])

    def note_finished(self, stage: Stage, indices: Iterable[int], *, settle: Iterable[Item]) -> None:
        """Note what the store says is finished; settle items that were still noted as unfinished."""
        finished, done = list(indices), self._key(f"done:{stage}")
        with self._redis.pipeline(transaction=True) as pipe:
            self._settle(pipe, settle)
            if finished:
                pipe.sadd(done, *finished)
                pipe.expire(done, _KEPT_SECONDS)
            self._call_redis(pipe.execute)

    def unfinish(self, item: Item, *, times: int) -> None:
        """What was finished has to be done again, for the so many-th time; several may say so at once."""
        with self._redis.pipeline(transaction=True) as pipe:
            if item.index is not None:
                pipe.srem(self._key(f"done:{item.stage}"), item.index)
            pipe.hset(self._key("again"), str(item), times)
            pipe.expire(self._key("again"), _KEPT_SECONDS)
            self._call_redis(pipe.execute)

    def times_again(self) -> dict[Item, int]:
        """How often each item had to be done again; those that never had are left out."""
        found = self._call_redis(lambda: self._redis.hgetall(self._key("again")))
        return {item: int(times) for text, times in found.items() for item in _items([str(text)])}

    def finished(self, stage: Stage) -> set[int]:
        """The parts noted as finished in a stage; empty where Redis has forgotten."""
        found = self._redis.smembers(self._key(f"done:{stage}"))
        return {int(index) for index in found if str(index).isdecimal()}

    def holdings(self) -> Holdings:
        """Where the job's unfinished items are."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrange(self._key("backlog"), 0, -1)
            pipe.zrange(self._key("sent"), 0, -1, withscores=True)
            pipe.zrange(self._key("running"), 0, -1, withscores=True)
            pipe.time()
            backlog, sent, running, (seconds, microseconds) = self._call_redis(pipe.execute)
        now = seconds + microseconds / 1e6
        return Holdings(
            backlog=frozenset(_items(backlog)),
            sent_ages_seconds=_ages(sent, now),
            running_ages_seconds=_ages(running, now),
        )

    def progress(self, holdings: Holdings) -> list[PartProgress]:
        """What is being worked on."""
        ages = holdings.running_ages_seconds
        reports = self._redis.hgetall(self._key("progress"))
        return [_progress(item, reports.get(str(item)), age) for item, age in ages.items()]

    def note_reason(self, item: Item, reason: str) -> None:
        """Say why an attempt ends, for whoever gives the item up in the end."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(self._key("reasons"), str(item), reason)
            pipe.expire(self._key("reasons"), _KEPT_SECONDS)
            self._call_redis(pipe.execute)

    def reason(self, item: Item) -> str | None:
        """What was said last about the item's attempts."""
        found = self._call_redis(lambda: self._redis.hget(self._key("reasons"), str(item)))
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
            self._call_redis(pipe.execute)

    def delete(self) -> None:
        """Forget the job."""
        outstanding = outstanding_parts(self._redis).get(self.job_id, ())
        with self._redis.pipeline(transaction=True) as pipe:
            for item in outstanding:
                pipe.lrem(outstanding_list(item.stage), 0, self._token(item))
            pipe.delete(*(self._key(name) for name in _NAMES))
            self._call_redis(pipe.execute)

    def _settle(self, pipe: "redis.client.Pipeline", items: Iterable[Item]) -> None:
        for item in items:
            for name in ("backlog", "sent", "running"):
                pipe.zrem(self._key(name), str(item))
            for name in ("progress", "attempts", "reasons"):
                pipe.hdel(self._key(name), str(item))
            if item.stage in SCALED:
                pipe.lrem(outstanding_list(item.stage), 0, self._token(item))

    def _run(self, script: str, names: tuple[str, ...], *arguments: object) -> Any:
        keys = [self._key(name) for name in names]
        return self._call_redis(lambda: self._redis.eval(script, len(keys), *keys, *map(str, arguments)))

    def _key(self, name: str) -> str:
        return f"horatio:job:{self.job_id}:{name}"

    def _token(self, item: Item) -> str:
        return f"{self.job_id}/{item.index or 0}"


def _items(texts: Iterable[str]) -> list[Item]:
    """Leave out what is no item: anybody who reaches Redis can put anything there."""
    items = []
    for text in texts:
        with suppress(ValueError):
            items.append(Item.of(text))
    return items


def _ages(scored: Iterable[tuple[str, float]], now: float) -> dict[Item, float]:
    return {item: now - at for text, at in scored for item in _items([str(text)])}


def _progress(item: Item, report: str | bytes | None, age_seconds: float) -> PartProgress:
    """Of an item whose report cannot be read, only that somebody is at it."""
    try:
        said = json.loads(report or "{}")
        frames_done, worker = int(said.get("frames", 0)), str(said.get("worker", ""))
    except (ValueError, TypeError, AttributeError):
        frames_done, worker = 0, ""
    return PartProgress(item=item, frames_done=frames_done, worker=worker, silent_seconds=age_seconds)
