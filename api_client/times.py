"""Times in a video, as people write them."""

import re
from fractions import Fraction

from api_client.errors import SettingsError

_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,6}(?:\.\d{1,9})?)", re.ASCII)
_UNITS = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6}(?:\.\d{1,9})?)s)?", re.ASCII)


def seconds_of(text: str) -> float:
    """Return the seconds of "80", "80.5", "1:20", "2:03:04.5", "2h3m", "90s".

    Raises `SettingsError` for what is none of these.
    """
    match = _CLOCK.fullmatch(text) or (_UNITS.fullmatch(text) if text else None)
    if match is None:
        raise SettingsError(f"{text!r} is no time: write 80, 1:20, 2:03:04.5 or 2h3m")
    hours, minutes, seconds = (Fraction(part or 0) for part in match.groups())
    return float(3600 * hours + 60 * minutes + seconds)


def clock(seconds: Fraction) -> str:
    """Return e.g. "1:20", "2:03:04.5": to the millisecond."""
    thousandths = round(seconds * 1000)
    whole, rest = divmod(thousandths, 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
    return text + (f".{rest:03d}".rstrip("0") if rest else "")
