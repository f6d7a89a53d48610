"""Workers that are killed, told to stop, or stopped, at every stage of a job."""

import os
import signal
import time

import pytest

from tests.chaos.arena import SILENCE_SECONDS
from tests.chaos.case import Case
from tests.chaos.processes import family_of, send
from tests.chaos.stages import REACHED_SECONDS, STAGES

STOPPED_SECONDS = 4 * SILENCE_SECONDS


@pytest.mark.parametrize("stage", STAGES)
def test_a_child_is_killed(case: Case, stage: str) -> None:
    case.about(stage=stage, fault="kill -9 of the child")
    with STAGES[stage](case.arena) as held:
        client = case.submit()
        worker = case.arena.crew.of(held.wait(REACHED_SECONDS))
        send(signal.SIGKILL, worker.child)
        held.drop()
    case.succeeds(client, may_hold_messages=True)


@pytest.mark.parametrize("stage", STAGES)
def test_a_worker_is_killed(case: Case, stage: str) -> None:
    case.about(stage=stage, fault="kill -9 of the worker")
    with STAGES[stage](case.arena) as held:
        client = case.submit()
        worker = case.arena.crew.of(held.wait(REACHED_SECONDS))
        os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        held.drop()
    case.arena.crew.revive()
    case.succeeds(client, may_hold_messages=True)


@pytest.mark.parametrize("stage", STAGES)
def test_a_worker_is_told_to_stop(case: Case, stage: str) -> None:
    case.about(stage=stage, fault="SIGTERM to the worker")
    with STAGES[stage](case.arena) as held:
        client = case.submit()
        worker = case.arena.crew.of(held.wait(REACHED_SECONDS))
        worker.process.terminate()
        held.release()
        assert worker.process.wait(40) == 0
    case.succeeds(client, may_hold_messages=True)


@pytest.mark.parametrize("stage", STAGES)
def test_a_worker_is_stopped_for_a_while(case: Case, stage: str) -> None:
    case.about(stage=stage, fault=f"SIGSTOP of the worker, {STOPPED_SECONDS} s")
    with STAGES[stage](case.arena) as held:
        client = case.submit()
        family = family_of(case.arena.crew.of(held.wait(REACHED_SECONDS)).process.pid)
        send(signal.SIGSTOP, *family)
        held.release()
        time.sleep(STOPPED_SECONDS)
        send(signal.SIGCONT, *family)
    case.succeeds(client, may_hold_messages=True)
