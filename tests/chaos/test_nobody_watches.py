"""Jobs that no client watches: the reconciler puts them back on their way."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.chaos.arena import BOUND_SECONDS, Arena
from tests.chaos.case import Case
from tests.chaos.stages import REACHED_SECONDS, STAGES
from tests.servers.process import stop
from tests.servers.worker import REPOSITORY
from tests.waiting import wait_until


@contextmanager
def _reconciler(arena: Arena) -> Iterator[None]:
    with (arena.directory / "reconciler.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tasks.reconciler"],
            cwd=REPOSITORY,
            env=arena.environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        stop(process)


@pytest.mark.parametrize(
    "stage", ["begin", "detect", "marker", "announce", "read to track", "mark the result"]
)
def test_a_worker_is_killed_and_nobody_watches(case: Case, stage: str) -> None:
    case.about(stage=stage, fault="kill -9 of the worker, no client")
    arena = case.arena
    with STAGES[stage](arena) as held:
        client = case.submit("--detach")
        worker = arena.crew.of(held.wait(REACHED_SECONDS))
        os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        held.drop()
    arena.crew.revive()
    assert client.wait(30).status == 0
    done = f"jobs/{arena.job_of(client)}/result/job.json"
    with _reconciler(arena):
        wait_until(lambda: arena.store.exists(done), BOUND_SECONDS, description="the job to end")
    case.succeeds(arena.client("fetch", arena.job_of(client), "-o", case.output), may_hold_messages=True)
