"""Threads that fail together and end together."""

import threading
from collections.abc import Generator

import pytest

from workers.stages import Stages


class OddError(Exception):
    """What a stage raises in these tests."""


def counting(upto: int) -> Generator[int, None, None]:
    yield from range(upto)


def failing_at(position: int) -> Generator[int, None, None]:
    yield from range(position)
    raise OddError(f"at {position}")


def stage_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("stage")]


def test_items_come_through_every_stage_in_order():
    with Stages() as stages:
        numbers = stages.through("stage a", counting(500), capacity=3)
        squares = stages.through("stage b", (n * n for n in numbers), capacity=1)
        result = list(squares)

    assert result == [n * n for n in range(500)]


def test_a_fast_producer_waits_for_a_slow_consumer():
    made = taken = most_ahead = 0

    def make() -> Generator[int, None, None]:
        nonlocal made, most_ahead
        for number in range(200):
            made += 1
            most_ahead = max(most_ahead, made - taken)
            yield number

    with Stages() as stages:
        for _ in stages.through("stage", make(), capacity=5):
            taken += 1

    assert made == 200
    assert most_ahead <= 5 + 2  # those waiting, the one being put, the one being taken


@pytest.mark.parametrize("position", [0, 1, 50])
def test_what_a_stage_raises_is_raised_by_the_with(position):
    with pytest.raises(OddError, match=f"at {position}"), Stages() as stages:  # noqa: PT012
        numbers = stages.through("stage a", failing_at(position), capacity=2)
        for _ in stages.through("stage b", (n for n in numbers), capacity=2):
            pass

    assert stage_threads() == []


def test_the_last_stage_failing_stops_an_endless_first_one():
    def endless() -> Generator[int, None, None]:
        while True:
            yield 1

    def consume(numbers) -> None:
        next(iter(numbers))
        raise OddError("full")

    with pytest.raises(OddError, match="full"), Stages() as stages:
        stages.start("stage b", consume, stages.through("stage a", endless(), capacity=2))

    assert stage_threads() == []


@pytest.mark.parametrize("error", [OddError, KeyboardInterrupt, SystemExit])
def test_what_the_body_raises_stops_the_stages_and_passes(error):
    closed = threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    with pytest.raises(error), Stages() as stages:  # noqa: PT012
        next(iter(stages.through("stage", endless(), capacity=2)))
        raise error

    assert closed.is_set()
    assert stage_threads() == []


def test_the_body_may_leave_before_the_last_stage_has_ended():
    consumed: list[int] = []

    with Stages() as stages:
        channel = stages.channel(capacity=2)
        stages.start("stage", lambda: consumed.extend(channel))
        channel.fill(range(10))

    assert consumed == list(range(10))
