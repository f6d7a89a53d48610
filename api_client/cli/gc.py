"""`client gc`: deleting old jobs."""

import re
from datetime import UTC, datetime, timedelta

import click

from api_client.gc import GarbageCollector, OldJob
from api_client.settings import Settings

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
@click.option(
    "--older-than", type=Age(), required=True, metavar="AGE", help="12h, 7d, 4w: since the last write."
)
@click.option("--yes", is_flag=True, help="Delete. Without it, only list what would be deleted.")
def gc(older_than: timedelta, *, yes: bool) -> None:
    """Delete old jobs: their videos, results and logs in the store, and what the queue knows of them.

    A job is as old as the last thing written of it. Jobs that still wait for workers are kept. Without
    --yes nothing is deleted.
    """
    collector = GarbageCollector.of(Settings.load())
    jobs = [*collector.find(older_than=datetime.now(UTC) - older_than)]
    for job in jobs:
        click.echo(_describe(job))
    old = [job for job in jobs if not job.is_in_use]
    if yes:
        for job in old:
            collector.delete(job)
    total = f"{len(old)} {'job' if len(old) == 1 else 'jobs'}, {_size(sum(job.size_bytes for job in old))}"
    click.echo(f"deleted {total}" if yes else f"would delete {total}: add --yes to do it", err=True)


def _describe(job: OldJob) -> str:
    written = f"{job.last_written_at:%Y-%m-%d %H:%M} UTC"
    kept = f"  kept: {len(job.waiting_chunks)} chunks wait for workers" if job.is_in_use else ""
    return f"{job.job_id}  {_size(job.size_bytes)}  last written {written}{kept}"


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
