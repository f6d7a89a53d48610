"""`client export`: the log of a finished job in another format."""

from pathlib import Path

import click

from api_client.cli.export_option import split_names
from api_client.cli.follow import job_argument
from api_client.cli.say import say
from api_client.client import Client
from api_client.contract.export_names import EXPORT_NAMES
from api_client.contract.ids import JobId


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
