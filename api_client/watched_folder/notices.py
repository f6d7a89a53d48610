"""Telling people that a job has ended, through whatever Apprise knows: mail, chat, telephones, web hooks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from api_client.errors import SettingsError
from api_client.install_command import install_command

if TYPE_CHECKING:
    import apprise

About = Literal["job", "track"]
"""One message when a job ends, or one for each object that was found."""
MOST_MESSAGES = 50
"""About one job: more would be a flood."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One message."""

    title: str
    body: str


class Notifier:
    """Sends messages to all addresses."""

    def __init__(self, urls: Sequence[str]) -> None:
        """Raise `SettingsError` where Apprise is not here, or knows no such address."""
        self._apprise = _apprise()
        for number, url in enumerate(urls, start=1):
            if not self._apprise.add(url):  # the address itself may hold a password
                kind = url.partition("://")[0] if "://" in url else "no kind"
                raise SettingsError(
                    f"--notify number {number} ({kind}) is no address Apprise knows: see its list of services"
                )

    def send(self, notice: Notice) -> bool:
        """Return whether all have it."""
        return bool(self._apprise.notify(title=notice.title, body=notice.body))


def notice_of_job(name: str, state: str, found: str, place: str) -> Notice:
    """Return what is said of a job that has ended."""
    return Notice(title=f"{name}: {state}", body=f"found (frames): {found}\nresults: {place}")


def notices_of_tracks(name: str, tracks: Iterable[dict[str, Any]]) -> Iterator[Notice]:
    """Yield one message an object, in order of appearance, and a last one where there are too many.

    tracks: rows of `tracks.parquet`.
    """
    rows = list(tracks)
    for row in rows[:MOST_MESSAGES]:
        label = f"{row['class_name']} #{row['tracker_id']}"
        seen = f"{_clock(row['first_seconds'])} to {_clock(row['last_seconds'])}"
        yield Notice(title=f"{name}: {label}", body=f"{seen}, {row['best_confidence']:.0%} at its best")
    if (more := len(rows) - MOST_MESSAGES) > 0:
        yield Notice(title=f"{name}: and {more} more objects", body="see the report")


def _apprise() -> "apprise.Apprise":
    try:
        import apprise  # an extra
    except ImportError:
        raise SettingsError(f"--notify needs Apprise: {install_command('notify')}") from None
    return apprise.Apprise()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
