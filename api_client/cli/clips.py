"""`client clips`: the moments in which a condition holds, as files."""

from pathlib import Path

import click
from rich.cells import cell_len

from api_client.cli.exit_status import COMPLETE
from api_client.cli.follow import job_argument
from api_client.cli.found_table import clock
from api_client.cli.say import printable, say, tell
from api_client.cli.zone_options import zone_options
from api_client.client import Client
from api_client.contract.ids import JobId
from api_client.moments.clips import Clips, ClipsWanted
from api_client.moments.moment import Margins
from api_client.moments.tokens import ConditionError
from api_client.zones.asked import shapes_of

_SHOWN = 20


@click.command()
@job_argument
@click.option(
    "-w",
    "--when",
    required=True,
    metavar="CONDITION",
    help='When: "dog and not leash", "person >= 3", "track:7", "person in door" with --zone door=….',
)
@zone_options
@click.option("--pad", type=float, default=2.0, show_default=True, help="Seconds added before and after.")
@click.option(
    "--merge",
    type=float,
    default=5.0,
    show_default=True,
    help="Moments with a pause no longer than so many seconds are one.",
)
@click.option(
    "--min",
    "least",
    type=float,
    default=1.0,
    show_default=True,
    help="Leave out what is shorter, in seconds.",
)
@click.option(
    "--copy/--exact",
    "copies",
    default=True,
    help="Copy from the key frame before a moment, or encode again from its first frame.  [default: copy]",
)
@click.option("--reel", is_flag=True, help="Put all moments into one video too.")
@click.option(
    "--lists-only", is_flag=True, help="Make no file a moment: lists, and the reel where it is asked for."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Where the files go, a new or empty directory.  [default: NAME-clips in this directory]",
)  # fmt: skip
def clips(
    job_id: JobId,
    when: str,
    output: Path | None,
    *,
    zones: tuple[str, ...],
    lines: tuple[str, ...],
    pad: float,
    merge: float,
    least: float,
    copies: bool,
    reel: bool,
    lists_only: bool,
) -> int:
    """Cut the moments of a finished job in which a condition holds. Needs neither input nor detector."""
    wanted = ClipsWanted(
        when=when,
        shapes=shapes_of(zones, lines),
        margins=Margins(pad_seconds=pad, merge_seconds=merge, min_seconds=least),
        how="copy" if copies else "exact",
        files=not lists_only,
        reel=reel,
    )
    try:
        with Client() as client:
            cut = client.clips(job_id, wanted, output)
    except ConditionError as error:
        _point_at(error)
        raise
    _tell_of(cut, when)
    return COMPLETE


def _point_at(error: ConditionError) -> None:
    """Show the condition, and a caret under the place."""
    tell(f"  {error.text}")
    tell(" " * (2 + cell_len(printable(error.text[: error.at]))) + "^")


def _tell_of(cut: Clips, when: str) -> None:
    if not cut.moments:
        tell(f"{when}: holds nowhere, or never for long enough (--min): nothing is written")
    for note in cut.notes:
        tell(f"note: {note}")
    for moment in cut.moments[:_SHOWN]:
        tell(f"{clock(moment.start_seconds)} to {clock(moment.end_seconds)}  {', '.join(moment.found)}")
    if (more := len(cut.moments) - _SHOWN) > 0:
        tell(f"and {more} more: see moments.csv")
    for path in cut.paths:
        say(path)
