import pytest

from tests.waiting import wait_until


def test_waiting_ends_with_the_predicate() -> None:
    answers = iter([False, False, True])

    wait_until(lambda: next(answers), 10, description="the third answer")

    assert list(answers) == []


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(TimeoutError, match="a ghost"):
        wait_until(lambda: False, 0, description="a ghost")
