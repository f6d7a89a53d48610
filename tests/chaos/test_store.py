"""A store that is away, refuses, is slow, or gives what was never written, at every stage of a job."""

import pytest

from tests.chaos.case import Case
from tests.chaos.s3_proxy import Fault, Kind, Where

AWAY_SECONDS = 6.0
"""Longer than a worker repeats one call, which these tests set to 2 s."""

READING = {
    "manifest": Where(method="GET", key=r"/manifest\.json"),
    "begin": Where(method="GET", key=r"detect/000001/done\.json"),
    "fetch": Where(method="GET", key=r"parts/000001"),
    "read to track": Where(method="GET", key=r"detect/\d+/detections\.parquet"),
    "join segments": Where(method="GET", key=r"render/\d+/segment\.mp4"),
}
"""By workers; the client reads the manifest too."""
WRITING = {
    "store": Where(method="PUT", key=r"detect/000001/detections\.parquet"),
    "store the segment": Where(method="PUT", key=r"render/000001/segment\.mp4"),
    "marker": Where(method="PUT", key=r"detect/000001/done\.json"),
    "write the result": Where(method="PUT", key=r"result/summary\.json"),
    "mark the result": Where(method="PUT", key=r"result/job\.json"),
}
OF_THE_CLIENT = {
    "upload": Where(method="PUT", key=r"parts/000001"),
    "upload the manifest": Where(method="PUT", key=r"/manifest\.json"),
    "watch": Where(method="GET", key=r"result/job\.json"),
    "fetch by client": Where(method="GET", key=r"result/detections\.parquet"),
}


@pytest.mark.parametrize("kind", ["refused", "503", "403", "507"])
@pytest.mark.parametrize("stage", [name for name in {**READING, **WRITING} if name != "manifest"])
def test_the_store_is_away_for_workers(case: Case, stage: str, kind: Kind) -> None:
    case.about(stage=stage, fault=f"store: {kind}, {AWAY_SECONDS:g} s")
    where = {**READING, **WRITING}[stage]
    with case.arena.door.fault(Fault(kind=kind, where=where, seconds=AWAY_SECONDS)) as fault:
        case.succeeds(case.submit())
    assert fault.began_at is not None


@pytest.mark.parametrize("stage", ["begin", "fetch", "store", "read to track", "fetch by client"])
def test_the_store_is_slow(case: Case, stage: str) -> None:
    case.about(stage=stage, fault="store: slow, 1.5 s a request")
    where = {**READING, **WRITING, **OF_THE_CLIENT}[stage]
    with case.arena.door.fault(Fault(kind="slow", where=where, seconds=60)) as fault:
        case.succeeds(case.submit())
    assert fault.began_at is not None


@pytest.mark.parametrize("kind", ["truncated", "wrong bytes"])
@pytest.mark.parametrize("stage", ["fetch", "read to track", "join segments", "fetch by client"])
def test_answers_are_damaged_for_a_while(case: Case, stage: str, kind: Kind) -> None:
    case.about(stage=stage, fault=f"store: {kind}, 1 s")
    where = {**READING, **OF_THE_CLIENT}[stage]
    with case.arena.door.fault(Fault(kind=kind, where=where, seconds=1)) as fault:
        case.succeeds(case.submit())
    assert fault.began_at is not None


@pytest.mark.parametrize("kind", ["refused", "503"])
@pytest.mark.parametrize("stage", OF_THE_CLIENT)
def test_the_store_is_away_for_the_client(case: Case, stage: str, kind: Kind) -> None:
    case.about(stage=stage, fault=f"store: {kind}, {AWAY_SECONDS:g} s")
    fault = Fault(kind=kind, where=OF_THE_CLIENT[stage], seconds=AWAY_SECONDS)
    with case.arena.door.fault(fault):
        case.succeeds(case.submit())
    assert fault.began_at is not None


@pytest.mark.parametrize("stage", OF_THE_CLIENT)
def test_the_store_refuses_the_client(case: Case, stage: str) -> None:
    """A person is told at once what to check; nothing half uploaded stays, and what is stored goes on."""
    case.about(stage=stage, fault="store: 403 for good", result="exit 2, then as if nothing had been")
    with case.arena.door.fault(Fault(kind="403", where=OF_THE_CLIENT[stage], seconds=60)):
        client = case.submit()
        ended = case.ends(client, status=2)
    assert "access is denied: check HORATIO_S3_ACCESS_KEY_ID" in ended.last_line
    job_id = client.job_id()
    if job_id is not None:
        case.succeeds(case.arena.client("resume", job_id, "-o", case.output))
    case.leaves_nothing()
    assert job_id is not None or not list(case.arena.store.list("jobs/"))
