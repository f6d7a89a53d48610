"""`client submit`: from videos to their results, in one command.

What is imported here is what the options need. The rest of the client is loaded while a local stack starts,
which takes about as long.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from api_client.cli.export_option import export_option
from api_client.cli.rendering_options import rendering_options
from api_client.defaults import DEFAULT_DETECTOR, DEFAULT_TILE_OVERLAP, DEFAULT_VOCABULARY
from api_client.errors import HoratioError, SettingsError
from api_client.loading import loading, switching_often
from api_client.local import LocalStack
from api_client.media.source.scan_begun import scan_begun
from api_client.settings import Settings
from api_client.times import seconds_of


class Time(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click alone
    """A time in a video: 80, 1:20, 2:03:04.5, 2h3m."""

    name = "time"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what is no time in one line."""
        try:
            return value if isinstance(value, float) else seconds_of(str(value))
        except SettingsError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-v",
    "--vocabulary",
    multiple=True,
    default=(DEFAULT_VOCABULARY,),
    show_default=True,
    help='What to look for: a shipped list, a file, or "person, dog, red car". May be given several times.',
)
@click.option("-d", "--detector", default=DEFAULT_DETECTOR, show_default=True, help="Which detector looks.")
@click.option("--weights", type=click.Path(path_type=Path), help="A checkpoint for the detector.")
@click.option(
    "-t", "--threshold", type=float, help="Lowest confidence shown, 0 to 1.  [default: the detector's]"
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where results go; of several inputs, each below it.  [default: INPUT-horatio beside the input]",
)
@click.option(
    "--every", type=click.IntRange(min=1), default=1, show_default=True, help="Look at every n-th frame only."
)
@click.option(
    "--tiles", metavar="CxR", help="Look at so many tiles of each frame too, e.g. 2x2: finds small things."
)
@click.option("--tile-size", type=int, help="As --tiles, with tiles of so many pixels.")
@click.option(
    "--tile-overlap",
    type=float,
    default=DEFAULT_TILE_OVERLAP,
    show_default=True,
    help="Part of a tile its neighbour has too.",
)
@click.option(
    "--tracks/--no-tracks", default=True, help="Follow objects from frame to frame.  [default: follow]"
)
@export_option
@click.option("--video/--no-video", default=True, help="Make the annotated video.  [default: make]")
@rendering_options
@click.option("--report/--no-report", default=True, help="Write the report too.  [default: write]")
@click.option("--stream", type=int, help="Which of several video streams, by FFmpeg's number.")
@click.option(
    "--deinterlace",
    type=click.Choice(["auto", "off"]),
    default="auto",
    show_default=True,
    help="Make interlaced frames whole before anything is looked for.",
)
@click.option("--start", type=Time(), help="Take only what is shown from this time on: 80, 1:20, 2h3m.")
@click.option("--end", type=Time(), help="Take only what is shown before this time.")
@click.option("-r", "--recursive", is_flag=True, help="Of a folder, take what is in its folders too.")
@click.option(
    "--again", is_flag=True, help="Of a folder, do again what has been done with the same question."
)
@click.option("--detach", is_flag=True, help="Return once the jobs are submitted.")
@click.option("--json", "as_json", is_flag=True, help="Print each job's end and paths as one line of JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors and where the results are, nothing else.")
def submit(inputs: tuple[Path, ...], **options: object) -> int:  # fmt: skip
    """Find what VOCABULARY names in videos or pictures; get annotated videos and detection logs.

    A folder means the videos and pictures in it. All inputs are checked before the first is begun.
    """
    settings = Settings.load()
    with _stack_begun(settings, inputs, detach=bool(options["detach"])) as stack, switching_often():
        begun = scan_begun(inputs[0], options["stream"])  # type: ignore[arg-type]  # click has checked them
        with loading():
            from api_client.cli.submit_wanted import Wanted, submitted  # deferred: see above

        wanted = Wanted(**options)  # type: ignore[arg-type]
        scans = {inputs[0]: begun} if begun else {}
        return submitted(settings, list(inputs), wanted, stack, scans)


@contextmanager
def _stack_begun(
    settings: Settings, inputs: tuple[Path, ...], *, detach: bool
) -> Iterator[LocalStack | None]:
    """Begin the stack that the block will need, end it after the block; None where it needs none of its own.

    A mistake that is seen at a glance, a file that is not there, is told before anything is begun.
    """
    stack = None
    is_needed = settings.is_local and not detach and all(map(os.path.exists, inputs))
    if is_needed and LocalStack.find(settings) is None:
        with suppress(HoratioError):  # told once it is needed, and all else is right
            stack = LocalStack.begin(settings, detect_first=True)
    try:
        yield stack
    finally:
        if stack is not None:
            stack.stop()
