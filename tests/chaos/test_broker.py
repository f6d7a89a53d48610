"""A Redis that is killed, forgets, hangs or breaks off, at every stage of a job."""

import time
from collections.abc import Callable

import pytest

from tests.chaos.arena import Arena
from tests.chaos.case import Case
from tests.chaos.stages import REACHED_SECONDS, STAGES

AWAY_SECONDS = 5


def kill_and_keep(arena: Arena) -> None:
    arena.redis.kill()
    time.sleep(AWAY_SECONDS)
    arena.redis.start()


def kill_and_forget(arena: Arena) -> None:
    arena.redis.kill()
    arena.redis.forget()
    time.sleep(AWAY_SECONDS)
    arena.redis.start()


def restart(arena: Arena) -> None:
    arena.redis.stop()
    arena.redis.start()


def flush(arena: Arena) -> None:
    arena.redis.connection.flushall()


def pause(arena: Arena) -> None:
    with arena.broker.paused():
        time.sleep(AWAY_SECONDS)


def cut(arena: Arena) -> None:
    arena.broker.cut()


FAULTS: dict[str, Callable[[Arena], None]] = {
    f"Redis killed, away {AWAY_SECONDS} s": kill_and_keep,
    f"Redis killed, away {AWAY_SECONDS} s, all forgotten": kill_and_forget,
    "Redis restarted": restart,
    "Redis flushed": flush,
    f"Redis hangs, {AWAY_SECONDS} s": pause,
    "connections to Redis broken": cut,
}
STRUCK = ("begin", "detect", "announce", "read to track", "mark the result")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("stage", STRUCK)
def test_redis_fails(case: Case, stage: str, fault: str) -> None:
    case.about(stage=stage, fault=fault)
    with STAGES[stage](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        FAULTS[fault](case.arena)
        held.release()
    case.succeeds(client, may_hold_messages=True)


@pytest.mark.parametrize("fault", FAULTS)
def test_redis_fails_before_a_worker_takes_anything(case: Case, fault: str) -> None:
    case.about(stage="queued", fault=fault)
    arena = case.arena
    arena.wait_until_idle()
    for worker in arena.crew.workers.values():
        worker.process.kill()
        worker.process.wait()
    client = arena.submit(case.output)
    arena.job_of(client)
    FAULTS[fault](arena)
    arena.crew.revive()
    case.succeeds(client, may_hold_messages=True)


def test_redis_refuses_writes_for_a_while(case: Case) -> None:
    """As where its memory is full."""
    case.about(stage="detect", fault="Redis refuses writes, 6 s")
    redis = case.arena.redis.connection
    with STAGES["detect"](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        redis.config_set("maxmemory", "1")
        held.release()
        time.sleep(6)
        redis.config_set("maxmemory", "0")
    case.succeeds(client, may_hold_messages=True)
