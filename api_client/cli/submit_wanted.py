"""What `client submit` was asked to do with each input, and doing it."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Literal

from api_client.asked_words import merged_vocabulary
from api_client.cli.job_end import Showing
from api_client.cli.rendering_options import rendering_of
from api_client.cli.say import tell, tell_waiting
from api_client.cli.submit_inputs import Check, Footage, Plan, plan_jobs
from api_client.cli.submit_run import Run
from api_client.client import Client
from api_client.contract import JobSpec, Rendering
from api_client.contract.tiling import tiling_of
from api_client.errors import SettingsError
from api_client.local import LocalStack
from api_client.media.source.source_video import SourceVideo
from api_client.media.source.time_range import ends_before
from api_client.question import job_spec
from api_client.settings import Settings


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


def submitted(settings: Settings, inputs: list[Path], wanted: Wanted, stack: LocalStack | None) -> int:
    """Do what is wanted; return the exit status. stack: the local one, where it was begun for this."""
    if wanted.detach and settings.is_local and LocalStack.find(settings) is None:
        raise SettingsError(
            "--detach needs workers that stay: start them with `client up`, or set HORATIO_BROKER_URL"
        )
    job = wanted.job(settings)
    Thread(
        target=_load_what_sends, daemon=True
    ).start()  # looking at an input is FFmpeg's work for the most part
    with Client(settings, on_wait=tell_waiting, stack=stack) as client:
        plan = plan_jobs(
            wanted.check_of(client),
            inputs,
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


def _load_what_sends() -> None:
    for module in ("celery.app.base", "celery.app.amqp", "kombu.transport.redis"):
        import_module(module)


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
