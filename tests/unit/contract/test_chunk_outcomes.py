"""Which chunks are finished, told from a listing in which anything may stand."""

from hypothesis import given
from hypothesis import strategies as st

from api_client.contract import keys
from api_client.job_files import chunk_outcomes

FOREIGN = [
    "jobs/job/chunks/thumbs/done.json",
    "jobs/job/chunks/999999/done.json",
    "jobs/job/chunks/-1/done.json",
    "jobs/job/chunks/1/done.json",
    "jobs/job/chunks/0000001/done.json",
    "jobs/job/chunks/00000\uff11/done.json",
    "jobs/job/chunks/done.json",
    "jobs/job/chunks/000001/copy/done.json",
    "jobs/job/chunks/000001/done.json.bak",
    "jobs/other/chunks/000001/done.json",
]


def test_done_wins_over_failed() -> None:
    present = [keys.chunk_failed("job", 0), keys.chunk_done("job", 0), keys.chunk_failed("job", 2)]

    assert chunk_outcomes("job", present, 3) == {0: "done", 2: "failed"}


def test_foreign_objects_are_no_finished_chunks() -> None:
    assert chunk_outcomes("job", [*FOREIGN, keys.chunk_done("job", 0)], 3) == {0: "done"}


@given(st.lists(st.sampled_from(FOREIGN) | st.text()), st.sets(st.integers(0, 9)))
def test_whatever_else_lies_there_the_markers_count(foreign: list[str], done: set[int]) -> None:
    markers = [keys.chunk_done("job", index) for index in done]

    assert set(chunk_outcomes("job", [*foreign, *markers], 10)) == done | _named_by(foreign)


def _named_by(foreign: list[str]) -> set[int]:
    """What hypothesis may find: a foreign key that is a marker after all."""
    return {index for index in range(10) if keys.chunk_done("job", index) in foreign}
