"""`client export`: the log of a finished job in another format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api_client.cli.follow import job_argument
from api_client.cli.say import say
from api_client.client import Client
from api_client.contract.export_names import EXPORT_NAMES
from api_client.contract.ids import JobId


def split_names(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Read `coco,mot`; what the names mean is for the client to say."""
    return tuple(name for part in (value or "").split(",") if (name := part.strip()))


def export_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--export coco,mot`, for commands that submit."""
    formats = ", ".join(EXPORT_NAMES[3:])
    return click.option(
        "--export", "exports", callback=split_names, metavar="FORMATS",
        help=f"More formats of the log, e.g. coco,mot. There are {formats}.",
    )(command)  # fmt: skip


@click.command()
@job_argument
@click.option(
    "--format", "formats", required=True, callback=split_names, metavar="FORMATS",
    help=f"One or several of {', '.join(EXPORT_NAMES)}; e.g. coco,mot.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Where the files go.  [default: NAME-horatio in this directory]",
)  # fmt: skip
def export(job_id: JobId, formats: tuple[str, ...], output: Path | None) -> None:
    """Write the log of a finished job in other formats. Needs neither the video nor a detector."""
    with Client() as client:
        directory = output or Path(f"{Path(client.status(job_id).source_name).stem}-horatio")
        for path in client.export(job_id, formats, directory):
            say(path)
