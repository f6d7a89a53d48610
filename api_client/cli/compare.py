"""`client compare`: two jobs on the same footage."""

from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api_client.cli.follow import named_job_argument
from api_client.cli.say import say, styled, tell
from api_client.client import Client
from api_client.compare.agreement import Agreement
from api_client.contract.ids import JobId

_WORDS_SHOWN = 20


@click.command()
@named_job_argument("job_a", "JOB_A")
@named_job_argument("job_b", "JOB_B")
@click.option("--video/--no-video", default=True, help="Put both videos beside each other.  [default: put]")
@click.option(
    "--pictures",
    type=click.IntRange(min=0),
    default=6,
    show_default=True,
    help="So many of the frames with most disagreement become pictures.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Where the files go, a new or empty directory.  [default: NAME-comparison in this directory]",
)  # fmt: skip
def compare(job_a: JobId, job_b: JobId, output: Path | None, *, video: bool, pictures: int) -> None:
    """Say how far two finished jobs on the same footage agree, and show both beside each other."""
    with Client() as client:
        comparison = client.compare(job_a, job_b, output, video=video, pictures=pictures)
    for note in comparison.notes:
        tell(f"note: {note}")
    _print(comparison.agreement)
    for path in comparison.paths:
        say(path)


def _print(agreement: Agreement) -> None:
    tell(f"{agreement.frames_compared} frames were looked at by both; the same is IoU 0.5 and the same word")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("found", overflow="fold")
    for title in ("by both", "only in A", "only in B", "agreement", "mean IoU"):
        table.add_column(title, justify="right")
    rows = agreement.in_order()
    for row in rows[:_WORDS_SHOWN]:
        counts = map(str, (row.both, row.only_first, row.only_second))
        iou = "" if row.mean_iou is None else f"{row.mean_iou:.2f}"
        table.add_row(styled(row.class_name), *counts, f"{row.agreement:.0%}", iou)
    Console(stderr=True, highlight=False).print(table)
    if (more := len(rows) - _WORDS_SHOWN) > 0:
        tell(f"and {more} more words: see agreement.csv")
