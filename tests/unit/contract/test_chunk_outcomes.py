"""Which chunks are finished, told from a listing in which anything may stand."""

from hypothesis import given
from hypothesis import strategies as st

from api_client.contract import Stage, keys
from api_client.job_files import part_outcomes

FOREIGN = [
    "jobs/job/detect/thumbs/done.json",
    "jobs/job/detect/999999/done.json",
    "jobs/job/detect/-1/done.json",
    "jobs/job/detect/1/done.json",
    "jobs/job/detect/0000001/done.json",
    "jobs/job/detect/00000\uff11/done.json",
    "jobs/job/detect/done.json",
    "jobs/job/detect/000001/copy/done.json",
    "jobs/job/detect/000001/done.json.bak",
    "jobs/other/detect/000001/done.json",
    "jobs/job/render/000001/done.json",
]


def test_done_wins_over_failed() -> None:
    present = [
        keys.part_failed("job", Stage.DETECT, 0),
        keys.part_done("job", Stage.DETECT, 0),
        keys.part_failed("job", Stage.DETECT, 2),
    ]

    assert part_outcomes("job", Stage.DETECT, present, 3) == {0: "done", 2: "failed"}


def test_foreign_objects_are_no_finished_chunks() -> None:
    assert part_outcomes("job", Stage.DETECT, [*FOREIGN, keys.part_done("job", Stage.DETECT, 0)], 3) == {
        0: "done"
    }


@given(st.lists(st.sampled_from(FOREIGN) | st.text()), st.sets(st.integers(0, 9)))
def test_whatever_else_lies_there_the_markers_count(foreign: list[str], done: set[int]) -> None:
    markers = [keys.part_done("job", Stage.DETECT, index) for index in done]

    assert set(part_outcomes("job", Stage.DETECT, [*foreign, *markers], 10)) == done | _named_by(foreign)


def _named_by(foreign: list[str]) -> set[int]:
    """What hypothesis may find: a foreign key that is a marker after all."""
    return {index for index in range(10) if keys.part_done("job", Stage.DETECT, index) in foreign}
