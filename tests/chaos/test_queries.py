"""Other words asked of a job that has ended: what strikes where they are embedded, asked and stored."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.arena import TROUBLED_FRAMES, Arena
from tests.chaos.case import Case
from tests.chaos.client_process import ClientProcess
from tests.chaos.results import Gap
from tests.chaos.s3_proxy import Fault, Kind, Where
from tests.chaos.stages import REACHED_SECONDS, Stage, answer, request
from tests.chaos.test_damage import DAMAGES
from tests.chaos.test_store import AWAY_SECONDS

OTHER_WORDS = "blue square, green square"
OF_A_QUERY: dict[str, Stage] = {
    "embed the words": request("PUT", r"embeddings/"),
    "begin to ask": request("GET", r"ask/000001/done\.json"),
    "fetch the regions": answer("GET", r"detect/000001/regions\.parquet"),
    "store the answers": request("PUT", r"ask/000001/detections\.parquet"),
    "mark as asked": request("PUT", r"ask/000001/done\.json"),
    "announce as asked": answer("PUT", r"ask/000001/done\.json"),
}
AWAY = {
    "embed the words": Where(method="PUT", key=r"embeddings/"),
    "fetch the regions": Where(method="GET", key=r"detect/000001/regions\.parquet"),
    "store the answers": Where(method="PUT", key=r"ask/000001/detections\.parquet"),
}
SIGNALS = {"kill -9": signal.SIGKILL, "SIGTERM": signal.SIGTERM}

Ask = Callable[[], ClientProcess]


def ask_of(arena: Arena, output: Path) -> Ask:
    """Look at the clip with the first words; return what asks the others of what was kept."""
    arena.wait_until_idle()
    first = arena.submit(output.with_name("first"), "--no-video")
    assert first.wait(120).status == 0
    job_id = first.job_id()
    arena.wait_until_idle()
    return lambda: arena.client("query", job_id, "-v", OTHER_WORDS, "-o", output)


@pytest.fixture(scope="session")
def undisturbed_query(arena: Arena) -> Path:
    """The results of a query to which nothing happens."""
    results = arena.directory / "undisturbed-query"
    ended = ask_of(arena, results)().wait(120)
    assert ended.status == 0, ended.errors
    assert '"blue square"' in (results / "detections.jsonl").read_text()
    arena.reset(after_failure=False)
    _forget_words(arena)
    return results


@pytest.fixture
def ask(case: Case, undisturbed_query: Path) -> Ask:
    case.undisturbed = undisturbed_query
    _forget_words(case.arena)
    return ask_of(case.arena, case.output)


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("stage", OF_A_QUERY)
def test_a_worker_ends_at_a_query(case: Case, ask: Ask, stage: str, name: str) -> None:
    case.about(stage=f"query: {stage}", fault=f"{name} of the worker")
    with OF_A_QUERY[stage](case.arena) as held:
        client = ask()
        worker = case.arena.crew.of(held.wait(REACHED_SECONDS))
        os.killpg(worker.process.pid, SIGNALS[name])
        held.drop() if name == "kill -9" else held.release()
        worker.process.wait(40)
    case.arena.crew.revive()
    case.succeeds(client, may_hold_messages=True)


@pytest.mark.parametrize("kind", ["refused", "503"])
@pytest.mark.parametrize("stage", AWAY)
def test_the_store_is_away_at_a_query(case: Case, ask: Ask, stage: str, kind: Kind) -> None:
    case.about(stage=f"query: {stage}", fault=f"store: {kind}, {AWAY_SECONDS:g} s")
    with case.arena.door.fault(Fault(kind=kind, where=AWAY[stage], seconds=AWAY_SECONDS)) as fault:
        case.succeeds(ask())
    assert fault.began_at is not None


@pytest.mark.parametrize("damage", DAMAGES)
def test_embeddings_are_damaged_before_the_words_are_asked(case: Case, ask: Ask, damage: str) -> None:
    case.about(stage="query: begin to ask", fault=f"the words' embeddings are {damage}")
    with OF_A_QUERY["begin to ask"](case.arena) as held:
        client = ask()
        held.wait(REACHED_SECONDS)
        (embeddings,) = case.arena.store.list("embeddings/")
        DAMAGES[damage](case.arena.store, embeddings.key)
        held.release()
    case.succeeds(client)


@pytest.mark.parametrize("damage", DAMAGES)
def test_regions_are_damaged_before_they_are_asked(case: Case, ask: Ask, damage: str) -> None:
    """Only the job that they are of can make them again."""
    case.about(
        stage="query: begin to ask",
        fault=f"regions.parquet of a part is {damage}",
        result="gap, then identical",
    )
    with OF_A_QUERY["begin to ask"](case.arena) as held:
        client = ask()
        held.wait(REACHED_SECONDS)
        (regions,) = [
            found.key
            for found in case.arena.store.list("jobs/")
            if found.key.endswith("detect/000001/regions.parquet")
        ]
        DAMAGES[damage](case.arena.store, regions)
        held.release()
    first = regions.split("/")[1]
    case.succeeds(client, gap=Gap(frames=TROUBLED_FRAMES, reason=f".*`client resume {first}` makes it again"))

    again = case.output.with_name("first-again")
    assert case.arena.client("resume", first, "-o", again).wait(120).status == 0
    (query,) = [job for job in case.arena.store.list_prefixes("jobs/") if job != first]
    case.succeeds(case.arena.client("resume", query, "-o", case.output))


def test_a_client_is_killed_while_it_asks(case: Case, ask: Ask) -> None:
    case.about(stage="query: begin to ask", fault="kill -9 of the client")
    with OF_A_QUERY["begin to ask"](case.arena) as held:
        client = ask()
        held.wait(REACHED_SECONDS)
        job_id = _newest_job(case.arena)
        client.kill()
        held.release()
    case.succeeds(case.arena.client("resume", job_id, "-o", case.output))


def _newest_job(arena: Arena) -> str:
    return max(arena.store.list_prefixes("jobs/"))


def _forget_words(arena: Arena) -> None:
    """So that they are embedded again."""
    arena.store.delete_prefix("embeddings/")
