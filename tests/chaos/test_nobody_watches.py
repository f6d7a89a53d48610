"""Jobs that no client watches: the schedule puts them back on their way."""

import os
import signal
import time

import pytest

from tests.chaos.arena import BOUND_SECONDS
from tests.chaos.case import Case
from tests.chaos.messages import send
from tests.chaos.stages import REACHED_SECONDS, STAGES

pytestmark = pytest.mark.chaos

EVERY_SECONDS = 2


@pytest.mark.parametrize(
    "stage", ["begin", "detect", "marker", "announce", "read to reduce", "mark the result"]
)
def test_a_worker_is_killed_and_nobody_watches(case: Case, stage: str) -> None:
    case.about(stage=stage, fault="kill -9 of the worker, no client")
    arena = case.arena
    with STAGES[stage](arena) as held:
        client = case.submit("--detach")
        worker = arena.crew.of(held.wait(REACHED_SECONDS))
        os.killpg(worker.process.pid, signal.SIGKILL)
        held.drop()
    arena.crew.revive()
    assert client.wait(30).status == 0
    deadline = time.monotonic() + BOUND_SECONDS
    while not arena.store.exists(f"jobs/{arena.job_of(client)}/result/job.json"):
        assert time.monotonic() < deadline, "the job does not end"
        send(arena, "horatio.reconcile_jobs")
        time.sleep(EVERY_SECONDS)
    case.succeeds(arena.client("fetch", arena.job_of(client), "-o", case.output), may_hold_messages=True)
