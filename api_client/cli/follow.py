"""The commands that follow jobs: status, watch, fetch, cancel, jobs, resume."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api_client.cli.progress import JobDisplay, describe
from api_client.client import Client
from api_client.contract.ids import JobId, checked_job_id
from api_client.errors import JobCancelledError, JobFailedError
from api_client.status import JobStatus


def _job_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("job_id", metavar="JOB", callback=lambda _c, _p, value: checked_job_id(value))(
        command
    )


def _json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, one line a job.")(command)


def _output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
        help="Where results go.  [default: NAME-horatio in this directory]",
    )(command)  # fmt: skip


@click.command()
@_job_argument
@_json_option
def status(job_id: JobId, *, as_json: bool) -> None:
    """Say how far a job is."""
    with Client() as client:
        _print_status(client.status(job_id), as_json=as_json)


@click.command()
@_job_argument
@_json_option
def watch(job_id: JobId, *, as_json: bool) -> int:
    """Follow a job until it ends, and mend it if anything was lost on the way."""
    with Client() as client:
        last = _follow(client, job_id)
        _print_status(last, as_json=as_json)
    return 0 if last.has_result else 1


@click.command()
@_job_argument
@_output_option
def fetch(job_id: JobId, output: Path | None) -> None:
    """Download a finished job's results."""
    with Client() as client:
        _fetch(client, client.status(job_id), output)


@click.command()
@_job_argument
def cancel(job_id: JobId) -> None:
    """Stop a job. What is done is kept; `client resume` goes on from there."""
    with Client() as client:
        client.cancel(job_id)
    click.echo(f"{job_id}: cancelled", err=True)


@click.command()
@_json_option
def jobs(*, as_json: bool) -> None:
    """List the jobs in the store, oldest first."""
    with Client() as client:
        for found in client.jobs():
            _print_status(found, as_json=as_json)


@click.command()
@_job_argument
@_output_option
@click.option("--json", "as_json", is_flag=True, help="Print the job's last status as one line of JSON.")
def resume(job_id: JobId, output: Path | None, *, as_json: bool) -> int:
    """Go on with a job that was cancelled, interrupted, or left with gaps; then fetch its results."""
    with Client() as client:
        left = client.resume(job_id)
        click.echo(f"{job_id}: {left} chunks left", err=True)
        return follow_and_fetch(client, job_id, output, as_json=as_json)


def follow_and_fetch(client: Client, job_id: JobId, output: Path | None, *, as_json: bool) -> int:
    """Follow a job to its end and download its results; return the exit status.

    Ctrl-C leaves the job as it is and says how to go on.
    """
    try:
        last = _follow(client, job_id)
    except KeyboardInterrupt:
        click.echo(_farewell(client, job_id), err=True)
        raise
    if as_json:
        click.echo(json.dumps(last.to_json()))
    if last.state == "cancelled":
        raise JobCancelledError(f"job {job_id} was cancelled: `client resume {job_id}` goes on")
    if not last.has_result:
        raise JobFailedError(f"job {job_id} failed: {last.reason}")
    _fetch(client, last, output, quiet=as_json)
    return 0


def _follow(client: Client, job_id: JobId) -> JobStatus:
    with JobDisplay() as display:
        for current in client.watch(job_id):
            display.show(current)
    return current


def _farewell(client: Client, job_id: JobId) -> str:
    if client.settings.is_local and client.owns_stack:
        return f"interrupted; what is done is kept, `client resume {job_id}` goes on from there"
    return f"no longer watching; the job goes on: `client watch {job_id}`"


def _fetch(client: Client, last: JobStatus, output: Path | None, *, quiet: bool = False) -> None:
    directory = output or Path(f"{Path(last.source_name).stem}-horatio")
    fetched = client.fetch(last.job_id, directory)
    for gap in fetched.result.gaps:
        frames = f"frames {gap.first_frame} to {gap.last_frame}"
        click.echo(f"warning: {frames} were not looked at: {gap.reason}", err=True)
    for note in fetched.result.notes:
        click.echo(f"note: {note}", err=True)
    if not quiet:
        click.echo(str(fetched.video_path))
        click.echo(str(fetched.directory / "detections.txt"))


def _print_status(found: JobStatus, *, as_json: bool) -> None:
    click.echo(json.dumps(found.to_json()) if as_json else describe(found))
