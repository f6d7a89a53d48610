"""`client submit`: from videos to their results, in one command."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from api_client.asked_words import merged_vocabulary
from api_client.cli.export import export_option
from api_client.cli.job_end import Showing
from api_client.cli.rendering_options import rendering_of, rendering_options
from api_client.cli.say import tell, tell_waiting
from api_client.cli.submit_inputs import Check, Footage, Plan, plan_jobs
from api_client.cli.submit_run import Run
from api_client.client import DEFAULT_DETECTOR, DEFAULT_VOCABULARY, Client
from api_client.contract import JobSpec, Rendering
from api_client.contract.tiling import OVERLAP, tiling_of
from api_client.errors import SettingsError
from api_client.local import LocalStack
from api_client.media.source.source_video import SourceVideo
from api_client.media.source.time_range import ends_before
from api_client.question import job_spec
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


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be done with each input."""

    vocabulary: tuple[str, ...]
    detector: str
    weights: Path | None
    threshold: float | None
    every: int
    tiles: str | None
    tile_size: int | None
    tile_overlap: float
    stream: int | None
    deinterlace: Literal["auto", "off"]
    start: float | None
    end: float | None
    tracks: bool
    exports: tuple[str, ...]
    video: bool
    style: str
    only: tuple[str, ...]
    trails: bool
    sound: bool
    zones: tuple[str, ...]
    lines: tuple[str, ...]
    report: bool
    output: Path | None
    recursive: bool
    again: bool
    detach: bool
    as_json: bool
    quiet: bool

    def job(self, settings: Settings) -> JobSpec:
        """What decides the results, besides the video."""
        return job_spec(
            settings,
            vocabulary=merged_vocabulary(self.vocabulary),
            detector=self.detector,
            weights=self.weights,
            threshold=self.threshold,
            every=self.every,
            tiles=tiling_of(self.tiles, self.tile_size, self.tile_overlap),
            tracks=self.tracks,
            exports=self.exports,
            rendering=self._rendering() if self.video else None,
        )

    def check_of(self, client: Client) -> Check:
        """What checks an input, and tells of it what a person should know before it is begun."""

        def check(source: Path) -> Footage:
            found = client.check(
                source, stream=self.stream, deinterlace=self.deinterlace, start=self.start, end=self.end
            )
            note = ends_before(found, self.end) if isinstance(found, SourceVideo) else None
            if note and not self.quiet:
                tell(f"note: {note}")
            return found

        return check

    def _rendering(self) -> Rendering:
        return rendering_of(
            style=self.style,
            only=self.only,
            trails=self.trails,
            sound=self.sound,
            zones=self.zones,
            lines=self.lines,
        )


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
    default=OVERLAP,
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
    wanted = Wanted(**options)  # type: ignore[arg-type]  # click has checked them
    settings = Settings.load()
    if wanted.detach and settings.is_local and LocalStack.find(settings) is None:
        raise SettingsError(
            "--detach needs workers that stay: start them with `client up`, or set HORATIO_BROKER_URL"
        )
    job = wanted.job(settings)  # a mistake is told before anything is started
    with Client(settings, on_wait=tell_waiting) as client:
        plan = plan_jobs(
            wanted.check_of(client),
            list(inputs),
            job,
            output=wanted.output,
            recursive=wanted.recursive,
            again=wanted.again,
        )
        if (wanted.start, wanted.end) != (None, None) and any(one.is_of_pictures for one in plan.jobs):
            raise SettingsError(
                "pictures have no times to choose from: name videos, or leave --start and --end out"
            )
        return _carry_out(client, plan, job, wanted)


def _carry_out(client: Client, plan: Plan, job: JobSpec, wanted: Wanted) -> int:
    is_many = plan.count > 1
    showing = Showing(as_json=wanted.as_json, quiet=wanted.quiet, table=not is_many)
    run = Run(client=client, job=job, weights=wanted.weights, showing=showing, with_report=wanted.report)
    try:
        run.submit(plan)
    except BaseException:  # Ctrl-C above all
        run.tell_how_to_go_on(run.submitted)
        raise
    if wanted.detach:
        run.print_detached()
        return run.exit_status()
    run.finish()
    if is_many and not wanted.quiet:
        run.print_summary()
    return run.exit_status()
