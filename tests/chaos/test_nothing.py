"""What all others are compared with."""

from tests.chaos.case import Case


def test_nothing_happens(case: Case) -> None:
    case.about(stage="-", fault="nothing")
    case.succeeds(case.submit())
