"""`client gc`: deleting old jobs."""

import re
from datetime import UTC, datetime, timedelta

import click

from api_client.cli.say import as_called, say, tell
from api_client.cli.sizes import readable_size
from api_client.contract.ids import JobId, checked_job_id
from api_client.gc import GarbageCollector, OldJob
from api_client.settings import Settings

_UPLOADING = timedelta(hours=1)
"""Footage written to since may be that of a job that is being submitted."""
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Age(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click alone
    """A number and a unit: 12h, 7d, 4w."""

    name = "age"

    def convert(
        self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Refuse what is no age in one line."""
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"(\d{1,5})([hdw])", value)
        if match is None:
            self.fail(f"{value!r} is no age: write hours, days or weeks, e.g. 12h, 7d, 4w", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


@click.command()
@click.argument("job_ids", metavar="[JOB]...", nargs=-1, callback=lambda _c, _p, ids: _checked(ids))
@click.option("--older-than", type=Age(), metavar="AGE", help="12h, 7d, 4w: since the last write.")
@click.option("--yes", is_flag=True, help="Delete. Without it, only list what would be deleted.")
def gc(job_ids: tuple[JobId, ...], older_than: timedelta | None, *, yes: bool) -> None:
    """Delete jobs, by name or by age: their videos, results and logs in the store and in the queue.

    A job is as old as the last thing written of it. Jobs that still wait for workers are kept, and those
    that an unfinished job is made of. Without --yes nothing is deleted.
    """
    if bool(job_ids) == (older_than is not None):
        raise click.UsageError("name jobs, or say --older-than AGE")
    collector = GarbageCollector.of(Settings.load())
    before = datetime.now(UTC) - (older_than or timedelta())
    found = [*(collector.find_named(job_ids) if job_ids else collector.find(older_than=before))]
    for job in found:
        say(as_called(_describe(job)))
    old = [job for job in found if not job.is_in_use]
    if yes:
        for job in old:
            collector.delete(job)
    total = _counted("job", [job.size_bytes for job in old])
    tell(f"deleted {total}" if yes else f"would delete {total}: add --yes to do it")
    _clear_footage(collector, older_than=datetime.now(UTC) - (older_than or _UPLOADING), yes=yes)


def _clear_footage(collector: GarbageCollector, *, older_than: datetime, yes: bool) -> None:
    """Footage goes with the last job that needs it."""
    unused = collector.unused_sources(older_than=older_than)
    if not unused:
        return
    if yes:
        unused = collector.delete_sources(unused)
    total = _counted("video", [source.size_bytes for source in unused])
    tell(f"deleted {total} that no job needs" if yes else f"would delete {total} that no job needs")


def _counted(noun: str, sizes_bytes: list[int]) -> str:
    return (
        f"{len(sizes_bytes)} {noun}{'' if len(sizes_bytes) == 1 else 's'}, {readable_size(sum(sizes_bytes))}"
    )


def _checked(job_ids: tuple[str, ...]) -> tuple[JobId, ...]:
    return tuple(dict.fromkeys(map(checked_job_id, job_ids)))


def _describe(job: OldJob) -> str:
    size, written = readable_size(job.size_bytes), f"{job.last_written_at:%Y-%m-%d %H:%M} UTC"
    return f"{job.job_id}  {size}  last written {written}{_why_kept(job)}"


def _why_kept(job: OldJob) -> str:
    if job.is_waiting:
        return (
            f"  kept: {len(job.waiting_chunks)} chunks wait for workers (`client cancel {job.job_id}` first)"
        )
    if job.needed_by is not None:
        return f"  kept: {job.needed_by} is made of it (`client cancel {job.needed_by}` first)"
    return ""
