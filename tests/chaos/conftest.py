"""One arena for all cases of a run, and one line for each case in the run's table."""

import json
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.chaos.arena import Arena, open_arena
from tests.chaos.case import Case
from tests.servers.seaweedfs import S3Server

TABLE_VARIABLE = "HORATIO_CHAOS_TABLE"
"""A file to which each case adds a line of JSON."""

LANE_VARIABLE = "HORATIO_CHAOS_LANE"
"""`1/3`: only the second of every three cases."""


IN_MAKE_TEST = frozenset(
    {
        "test_a_child_is_killed[detect]",
        "test_a_worker_is_killed[announce]",
        "test_a_worker_is_killed[mark the result]",
        "test_a_worker_is_told_to_stop[store]",
        "test_the_store_is_away_for_workers[marker-503]",
        "test_redis_fails[detect-Redis flushed]",
        "test_a_chunk_comes_five_times[detect]",
        "test_a_message_nobody_can_read[detect-no JSON at all]",
        "test_a_client_ends_and_another_goes_on[dispatch-kill -9]",
        "test_what_a_worker_wrote_is_damaged_before_it_is_read[segment.mp4-damaged]",
        "test_a_detector_goes_wrong[raise]",
    }
)
"""One of each kind; the others are for `make chaos`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what `make test` leaves out, and leave out what is another lane's."""
    number, _, lanes = os.environ.get(LANE_VARIABLE, "0/1").partition("/")
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        if item.name not in IN_MAKE_TEST:
            item.add_marker(pytest.mark.chaos)
    others = [item for index, item in enumerate(ours) if index % int(lanes) != int(number)]
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=others)


@pytest.fixture(scope="session")
def arena(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """Redis, S3, two workers, and the results of a job to which nothing happened."""
    with open_arena(tmp_path_factory.mktemp("arena"), s3=s3_server) as arena:
        for name in ("first", "second"):
            arena.crew.start(name)
        arena.wait_until_idle()
        undisturbed = arena.submit(arena.undisturbed).wait(120)
        assert undisturbed.status == 0, undisturbed.errors
        arena.reset(after_failure=False)
        yield arena


@pytest.fixture
def case(arena: Arena, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Case]:
    """One case; afterwards the arena is as new."""
    case = Case(arena=arena, output=tmp_path / "out")
    request.node.stash[_CASE] = case
    yield case
    report = request.node.stash.get(_FAILED, False)
    arena.reset(after_failure=report)


_CASE = pytest.StashKey[Case]()
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
        if _CASE in item.stash:
            _add_line(item, report)
    return report


def _add_line(item: pytest.Item, report: pytest.TestReport) -> None:
    path = os.environ.get(TABLE_VARIABLE)
    if path is None:
        return
    line = {
        **item.stash[_CASE].told,
        "test": item.name,
        "outcome": report.outcome,
        "why": str(report.longrepr)[-3000:] if report.failed else "",
        "took": round(report.duration, 1),
    }
    with Path(path).open("a") as table:
        table.write(json.dumps(line) + "\n")
