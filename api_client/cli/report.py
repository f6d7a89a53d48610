"""`client report`: what a job found, as a page to look at."""

import webbrowser
from pathlib import Path

import click

from api_client.cli.follow import job_argument
from api_client.cli.say import say, tell
from api_client.cli.zone_options import zone_options
from api_client.client import Client
from api_client.contract.ids import JobId
from api_client.zones.asked import shapes_of


@click.command()
@job_argument
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Where the page and the results beside it go.  [default: NAME-horatio in this directory]",
)  # fmt: skip
@zone_options
@click.option("--open/--no-open", "opens", default=True, help="Open the page in a browser.  [default: open]")
def report(
    job_id: JobId, output: Path | None, *, zones: tuple[str, ...], lines: tuple[str, ...], opens: bool
) -> None:
    """Write a page that shows what a finished job found, and open it. Needs no server and no network."""
    with Client() as client:
        path = client.report(job_id, output, shapes=shapes_of(zones, lines) or None)
    say(path)
    if opens and not webbrowser.open(path.absolute().as_uri()):
        tell(f"note: no browser could be started: open {path} in one")
