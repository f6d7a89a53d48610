"""Clients that do not last: what was submitted goes on, what was not leaves nothing."""

import signal

import pytest

from tests.chaos.case import Case
from tests.chaos.processes import send
from tests.chaos.stages import REACHED_SECONDS, STAGES, Stage, answer, request

BEFORE_THE_JOB: dict[str, Stage] = {
    "note its use": request("PUT", r"sources/.*/users/"),
    "upload": request("PUT", r"parts/000001"),
    "upload the footage's document": request("PUT", r"/source\.json"),
    "note it as open": request("PUT", r"open/"),
    "upload the manifest": request("PUT", r"/manifest\.json"),
}
FOOTAGE_IS_THERE = {"upload the footage's document", "note it as open", "upload the manifest"}
"""Whoever submits it again uploads nothing."""
OF_THE_JOB: dict[str, Stage] = {
    "after the manifest": answer("PUT", r"/manifest\.json"),
    "dispatch": lambda arena: arena.broker.hold(rb"LPUSH.*horatio\.detect"),
    "watch": STAGES["detect"],
    "fetch by client": answer("GET", r"result/detections\.parquet"),
}
SIGNALS = {"kill -9": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT}


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("stage", OF_THE_JOB)
def test_a_client_ends_and_another_goes_on(case: Case, stage: str, name: str) -> None:
    case.about(stage=stage, fault=f"{name} of the client")
    with OF_THE_JOB[stage](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        send(SIGNALS[name], client.process.pid)
        held.drop() if name == "kill -9" else held.release()
        client.wait(30)
    job_ids = list(case.arena.store.list_prefixes("jobs/"))
    if stage == "after the manifest" and not job_ids:  # told to end before the store had answered
        assert list(case.arena.store.list("open/")) == []
        case.leaves_nothing()
        return
    (job_id,) = job_ids
    case.succeeds(case.arena.client("resume", job_id, "-o", case.output), may_hold_messages=True)


@pytest.mark.parametrize("name", ["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize("stage", BEFORE_THE_JOB)
def test_a_client_that_ends_before_there_is_a_job_removes_what_it_uploaded(
    case: Case, stage: str, name: str
) -> None:
    result = "no job is left, the footage stays" if stage in FOOTAGE_IS_THERE else "nothing is left"
    case.about(stage=stage, fault=f"{name} of the client", result=result)
    with BEFORE_THE_JOB[stage](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        send(SIGNALS[name], client.process.pid)
        held.release()
        ended = client.wait(30)
    assert ended.status != 0
    store = case.arena.store
    assert [*store.list("jobs/"), *store.list("open/")] == []
    if stage not in FOOTAGE_IS_THERE:
        assert list(store.list("sources/")) == []
    case.leaves_nothing()
