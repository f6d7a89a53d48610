"""Messages that come twice, late, in another order, or that nobody can read."""

import json
import time

import pytest

from tests.chaos.case import Case
from tests.chaos.messages import send
from tests.chaos.stages import REACHED_SECONDS, STAGES

MALFORMED = {
    "no JSON at all": b"\xff\xfe no json",
    "an empty message": b"",
    "JSON that is no message": b"[1, 2]",
    "a message without headers": b'{"body": "e30=", "properties": {}}',
}
ABSURD = {
    "an index of 10**9": {"job_id": "JOB", "index": 10**9},
    "an index of -1": {"job_id": "JOB", "index": -1},
    "an index that is text": {"job_id": "JOB", "index": "one"},
    "no index": {"job_id": "JOB"},
    "a job that is a path": {"job_id": "../../etc", "index": 0},
    "a job nobody knows": {"job_id": "20200101-000000-nothing-0000", "index": 0},
}


@pytest.mark.parametrize("stage", ["begin", "detect", "marker", "announce"])
def test_a_chunk_comes_five_times(case: Case, stage: str) -> None:
    case.about(stage=stage, fault="the chunk's message x5")
    with STAGES[stage](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        for _ in range(5):
            send(case.arena, "horatio.detect", job_id=case.arena.job_of(client), index=1)
        held.release()
    case.succeeds(client)


@pytest.mark.parametrize("task", ["track", "assemble"])
@pytest.mark.parametrize("stage", ["detect", "read to track", "store the segment", "mark the result"])
def test_a_stage_of_the_whole_job_comes_five_times(case: Case, stage: str, task: str) -> None:
    case.about(stage=stage, fault=f"the message to {task} x5")
    with STAGES[stage](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        for _ in range(5):
            send(case.arena, f"horatio.{task}", job_id=case.arena.job_of(client))
        held.release()
    case.succeeds(client)


def test_everything_comes_again_after_the_end(case: Case) -> None:
    case.about(stage="after the end", fault="every message again")
    client = case.submit()
    case.succeeds(client)
    for index in range(4):
        send(case.arena, "horatio.detect", job_id=case.arena.job_of(client), index=index)
        send(case.arena, "horatio.render", job_id=case.arena.job_of(client), index=index)
    send(case.arena, "horatio.track", job_id=case.arena.job_of(client))
    send(case.arena, "horatio.assemble", job_id=case.arena.job_of(client))
    case.leaves_nothing()


def test_messages_are_taken_in_another_order(case: Case) -> None:
    case.about(stage="queued", fault="messages reordered")
    redis = case.arena.redis.connection
    with STAGES["begin"](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        waiting = redis.lrange("detect", 0, -1)
        with redis.pipeline(transaction=True) as pipe:
            pipe.delete("detect")
            pipe.rpush("detect", *reversed(waiting)) if waiting else None
            pipe.execute()
        held.release()
    case.succeeds(client)


def test_messages_are_lost(case: Case) -> None:
    case.about(stage="queued", fault="messages lost")
    with STAGES["begin"](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        case.arena.redis.connection.delete("detect")
        held.release()
    case.succeeds(client)


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("queue", ["detect", "control"])
def test_a_message_nobody_can_read(case: Case, name: str, queue: str) -> None:
    case.about(stage=f"queue {queue}", fault=f"message: {name}")
    case.arena.wait_until_idle()
    for _ in case.arena.crew.workers:
        case.arena.redis.connection.lpush(queue, MALFORMED[name])
    time.sleep(1)
    case.succeeds(case.submit())


@pytest.mark.parametrize("name", ABSURD)
def test_a_message_that_asks_for_nonsense(case: Case, name: str) -> None:
    case.about(stage="queue detect", fault=f"message: {name}")
    with STAGES["detect"](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        text = json.dumps(ABSURD[name]).replace("JOB", case.arena.job_of(client))
        for _ in case.arena.crew.workers:
            send(case.arena, "horatio.detect", **json.loads(text))
        held.release()
    case.succeeds(client)
    written = [info.key for info in case.arena.store.list(f"jobs/{case.arena.job_of(client)}/detect/")]
    assert {key.split("/")[3] for key in written} <= {f"{index:06d}" for index in range(4)}
