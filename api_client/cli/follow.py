"""The commands that follow one job: status, watch, fetch, cancel, resume."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api_client.cli import exit_status
from api_client.cli.job_end import Showing, farewell, fetch_and_tell, follow, follow_to_results
from api_client.cli.progress import describe
from api_client.cli.say import say, tell, tell_waiting
from api_client.cli.sizes import readable_size
from api_client.client import Client
from api_client.contract import keys
from api_client.contract.ids import JobId, checked_job_id
from api_client.errors import HoratioError
from api_client.settings import Settings
from api_client.status import JobStatus
from api_client.store.open import open_store


def job_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add JOB, which shells complete."""
    return named_job_argument("job_id", "JOB")(command)


def named_job_argument(name: str, metavar: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add a job under another name, for commands that take several."""
    return click.argument(
        name,
        metavar=metavar,
        callback=lambda _c, _p, value: checked_job_id(value),
        shell_complete=_job_ids,
    )


def _job_ids(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Jobs in a local store: asking a server at every press of a key would be slow."""
    try:
        settings = Settings.load()
        if settings.store_url is not None and "://" in settings.store_url:
            return []
        names = open_store(settings.resolved_store_url).list_prefixes(keys.JOBS)
        return [name for name in names if name.startswith(incomplete)]
    except HoratioError:
        return []


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, one line a job.")(command)


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --output."""
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
        help="Where results go.  [default: NAME-horatio in this directory]",
    )(command)  # fmt: skip


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --quiet."""
    return click.option(
        "-q", "--quiet", is_flag=True, help="Print errors and where the results are, nothing else."
    )(command)


@click.command()
@job_argument
@json_option
def status(job_id: JobId, *, as_json: bool) -> None:
    """Say how far a job is."""
    with Client(on_wait=tell_waiting) as client:
        _say_status(client.status(job_id), as_json=as_json)


@click.command()
@job_argument
@json_option
@click.option("-q", "--quiet", is_flag=True, help="Print the last status only.")
def watch(job_id: JobId, *, as_json: bool, quiet: bool) -> int:
    """Follow a job until it ends, and mend it if anything was lost on the way."""
    with Client(on_wait=tell_waiting) as client:
        try:
            last = follow(client, job_id, quiet=quiet)
        except KeyboardInterrupt:
            tell(farewell(client, job_id))
            raise
        _say_status(last, as_json=as_json)
    return exit_status.status_of(last)


@click.command()
@job_argument
@output_option
@json_option
@quiet_option
def fetch(job_id: JobId, output: Path | None, *, as_json: bool, quiet: bool) -> int:
    """Download a finished job's results."""
    with Client(on_wait=tell_waiting) as client:
        last = client.status(job_id)
        showing = Showing(as_json=as_json, quiet=quiet)
        fetch_and_tell(client, last, output, if_taken="refuse", showing=showing)
    return exit_status.status_of(last)


@click.command()
@job_argument
def cancel(job_id: JobId) -> None:
    """Stop a job. What is done is kept; `client resume` goes on from there."""
    with Client(on_wait=tell_waiting) as client:
        if client.cancel(job_id):
            tell(f"{job_id}: cancelled")
        else:
            state = client.status(job_id).state.replace("_", " ")
            tell(f"{job_id}: has ended already ({state}), there is nothing to cancel")


@click.command()
@job_argument
@output_option
@json_option
@quiet_option
def resume(job_id: JobId, output: Path | None, *, as_json: bool, quiet: bool) -> int:
    """Go on with a job that was cancelled, interrupted, or left with gaps; then fetch its results."""
    with Client(on_wait=tell_waiting) as client:
        left = client.resume(job_id)
        if not quiet:
            tell(f"{job_id}: {left} chunks left")
        showing = Showing(as_json=as_json, quiet=quiet)
        return follow_to_results(client, job_id, output, showing=showing, with_report=True)


def _say_status(found: JobStatus, *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(found.to_json()))
        return
    say(describe(found))
    if found.regions_bytes:
        share = 100 * found.regions_bytes / max(1, found.footage_bytes)
        say(f"  kept for `client query`: {readable_size(found.regions_bytes)}, {share:.1f} % of the footage")
