"""`client zones`: who entered, left and crossed what."""

from collections.abc import Sequence, Set
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api_client.cli.follow import job_argument
from api_client.cli.say import say, styled
from api_client.cli.zone_options import zone_options
from api_client.client import Client
from api_client.contract.ids import JobId
from api_client.zones.asked import shapes_of
from api_client.zones.counted import Counted
from api_client.zones.totals import line_totals, zone_totals


@click.command()
@job_argument
@zone_options
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Where the files go, a new or empty directory.  [default: NAME-zones in this directory]",
)  # fmt: skip
def zones(job_id: JobId, output: Path | None, *, zones: tuple[str, ...], lines: tuple[str, ...]) -> None:
    """Count who entered and left zones and crossed lines in a finished job, and how long they stayed."""
    with Client() as client:
        counted, paths = client.zones(job_id, shapes_of(zones, lines), output)
    _print(counted)
    for path in paths:
        say(path)


def _print(counted: Counted) -> None:
    console = Console(stderr=True, highlight=False)
    if counted.shapes.zones:
        table = _table("zone", "objects", "entered", "left", "mean stay", "longest")
        zone_rows = list(zone_totals(counted))
        for zone in zone_rows:
            stays = (f"{seconds:.1f} s" for seconds in (zone.mean_dwell_seconds, zone.longest_dwell_seconds))
            numbers = map(str, (zone.objects, zone.entered, zone.left))
            table.add_row(styled(zone.zone), styled(zone.class_name), *numbers, *stays)
        _add_empty(table, [zone.name for zone in counted.shapes.zones], {row.zone for row in zone_rows})
        console.print(table)
    if counted.shapes.lines:
        table = _table("line", "objects", "to right", "to left")
        line_rows = list(line_totals(counted))
        for line in line_rows:
            numbers = map(str, (line.objects, line.to_right, line.to_left))
            table.add_row(styled(line.line), styled(line.class_name), *numbers)
        _add_empty(table, [line.name for line in counted.shapes.lines], {row.line for row in line_rows})
        console.print(table)


def _add_empty(table: Table, names: Sequence[str], met: Set[str]) -> None:
    for name in names:
        if name not in met:
            table.add_row(styled(name), "nothing")


def _table(what: str, *numbers: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in (what, "found"):
        table.add_column(title, overflow="fold")
    for title in numbers:
        table.add_column(title, justify="right")
    return table
