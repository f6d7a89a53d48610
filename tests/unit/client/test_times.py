"""Times as people write them."""

from fractions import Fraction

import pytest

from api_client.errors import SettingsError
from api_client.times import clock, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("80", 80),
        ("80.5", 80.5),
        ("0", 0),
        ("1:20", 80),
        ("0:01:20.25", 80.25),
        ("2:03:04.5", 7384.5),
        ("2h3m", 7380),
        ("90s", 90),
        ("1h", 3600),
        ("3m20.5s", 200.5),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "-1", "1:", ":20", "1:2:3:4", "2h3", "3m2h", "h", "soon", "1e3", "nan", "٣"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(SettingsError, match="is no time"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (80, "1:20"), (Fraction(7384.5), "2:03:04.5"), (Fraction(59999, 1000), "0:59.999")],
)
def test_times_are_shown_as_they_are_written(seconds: int | Fraction, shown: str) -> None:
    assert clock(Fraction(seconds)) == shown
