import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.contract import PtsRuns

increasing = st.lists(st.integers(-(2**40), 2**40), unique=True, max_size=60).map(sorted)


@given(increasing)
def test_runs_give_back_the_timestamps_they_were_made_of(pts: list[int]) -> None:
    runs = PtsRuns.from_pts(pts)

    assert list(runs) == pts
    assert len(runs) == len(pts)
    assert PtsRuns.from_bytes(runs.to_bytes()) == runs


def test_a_constant_frame_rate_is_one_run() -> None:
    assert PtsRuns.from_pts(range(0, 512 * 216_000, 512)).runs == ((0, 512, 216_000),)


@pytest.mark.parametrize("pts", [[3, 3], [5, 4], [0, 10, 20, 15]])
def test_timestamps_that_do_not_increase_are_refused(pts: list[int]) -> None:
    with pytest.raises(ValueError, match="must increase"):
        PtsRuns.from_pts(pts)
