"""From a caller's words to what is searched for."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from api_client.asked_words import Words, asked_vocabulary
from api_client.contract.ids import JobId
from api_client.errors import JobFailedError, SettingsError
from api_client.job_files import JobFiles
from api_client.kept_regions import index_header, looked_job
from api_client.question import check_threshold
from api_client.search.asked import SearchRequest
from api_client.store import ObjectStore

MOST_MOMENTS = 100_000
_AGO = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)", re.ASCII)
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def search_request(
    store: ObjectStore,
    words: Words,
    *,
    jobs: Iterable[JobId] = (),
    since: str | datetime | None = None,
    threshold: float | None = None,
    top: int = 20,
) -> SearchRequest:
    """Check what is asked for. Raises `HoratioError`: an unknown job, one without regions, no such time."""
    check_threshold(threshold)
    vocabulary = asked_vocabulary(words)
    if not 1 <= top <= MOST_MOMENTS:
        raise SettingsError(f"--top is {top}: name from 1 to {MOST_MOMENTS} moments")
    return SearchRequest(
        vocabulary=vocabulary,
        jobs=tuple(_looked(JobFiles(store, job_id)) for job_id in jobs),
        since=since_when(since) if isinstance(since, str) else since and _aware(since),
        threshold=threshold,
        top=top,
    )


def since_when(text: str, *, now: datetime | None = None) -> datetime:
    """Return the moment that "2026-11-01", "2026-11-01 12:30", "12h" or "7d" (ago) means, in UTC.

    A date without a zone is this machine's. Raises `SettingsError`.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago is not None:
            return (now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return _aware(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise SettingsError(
            f"--since is {text!r}, which is no time: write 2026-11-01, 2026-11-01T12:30, 12h or 7d"
        ) from None


def _aware(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _looked(files: JobFiles) -> JobId:
    """The job whose regions are searched when this one is named."""
    looked, _ = looked_job(files)
    index_header(looked)
    if looked.tracked() is None:
        raise JobFailedError(
            f"job {looked.job_id} has no log yet: `client watch {looked.job_id}` waits for it"
        )
    return looked.job_id
