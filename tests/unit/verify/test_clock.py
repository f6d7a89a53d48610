"""Which times count, and where a frame without a usable one has to lie."""

from fractions import Fraction

import pytest

from api_client.verify.clock import ClockCheck

UNIT = Fraction(1, 1000)


def differences(own: list[float | None], given: list[float], unit: Fraction = UNIT) -> list[str]:
    check = ClockCheck("it", unit)
    for index, (mine, theirs) in enumerate(zip(own, given, strict=True)):
        check.add(index, None if mine is None else Fraction(str(mine)), Fraction(str(theirs)))
    check.finish()
    return check.differences()


EVENLY = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


@pytest.mark.parametrize(
    ("own", "given"),
    [
        (EVENLY, EVENLY),
        ([second + 7 for second in EVENLY], EVENLY),
        ([0.0, 0.1, 0.1, 0.1, 0.2], [0.0, 0.1, 0.101, 0.102, 0.2]),
        ([0.0, 0.1, 0.1, 0.1, 0.2], [0.0, 0.1, 0.13, 0.16, 0.2]),
        ([0.0, 0.1, None, 0.3, 0.4], [0.0, 0.1, 0.2, 0.3, 0.4]),
        ([0.0, 0.1, 99.0, 0.3, 0.4, 0.5], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ([9.0, 9.1, 0.0, 9.3, 9.4, 9.5], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ([0.0, 0.1, 99.0, 99.1, 0.4, 0.5], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ([5.0, 5.1, 5.2, 5.3, 0.0, 0.1, 0.2, 0.3], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        ([0.0, 0.001, 0.001, 0.002, 0.1], [0.0, 0.001, 0.002, 0.003, 0.1]),
    ],
)
def test_times_that_are_right(own: list[float | None], given: list[float]) -> None:
    assert differences(own, given) == []


@pytest.mark.parametrize(
    ("own", "given", "told"),
    [
        (EVENLY, [1.5 * second for second in EVENLY], "9 frames (from 1 to 9) at another time"),
        (EVENLY, [*EVENLY[:9], 0.95], "frame 9 at another time than the source, worst frame 9: 0.950 s"),
        ([0.0, 0.1, 0.1, 0.2, 0.3], [0.0, 0.1, 0.21, 0.2, 0.3], "frame 2 after the frame that follows"),
        ([0.0, 0.1, 0.2, 0.3], [0.0, 0.1, 0.1, 0.3], "not after the one before"),
        ([0.0, 0.1, 99.0, 0.3, 0.4, 0.5], [0.0, 0.1, 99.0, 99.2, 99.3, 99.4], "at another time"),
        ([5.0, 5.1, 0.0, 0.1, 0.2, 0.3], [0.0, 0.1, 60.0, 60.1, 60.2, 60.3], "does not go on"),
        ([5.0, 5.1, 0.0, 0.1, 0.2, 0.3], [0.0, 0.1, 0.2, 0.3, 0.5, 0.6], "frame 4: 0.300 s instead of 0.200"),
    ],
)
def test_times_that_are_wrong(own: list[float | None], given: list[float], told: str) -> None:
    assert told in "\n".join(differences(own, given))


def test_a_coarse_clock_pushes_what_follows_a_repeat() -> None:
    own, given = [0.0, 0.04, 0.04, 0.08, 0.12], [0.0, 0.04, 0.08, 0.12, 0.16]

    assert differences(own, given, Fraction(1, 25)) == []
    assert differences(own, given) != []
