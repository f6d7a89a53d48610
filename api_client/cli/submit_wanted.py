"""What `client submit` was asked to do with each input, and doing it.

What is imported here is what looking at an input needs. The rest of the client is loaded meanwhile: looking
is FFmpeg's work for the most part.
"""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from api_client.asked_words import merged_vocabulary
from api_client.cli.asked_rendering import rendering_of
from api_client.cli.say import tell
from api_client.cli.submit_inputs import Footage, plan_jobs
from api_client.contract import JobSpec, Rendering
from api_client.contract.tiling import tiling_of
from api_client.errors import SettingsError
from api_client.loading import load_meanwhile
from api_client.local import LocalStack
from api_client.media.source.scan import Scan
from api_client.media.source.time_range import ends_before
from api_client.picture_set import checked_video
from api_client.question import job_spec
from api_client.settings import Settings

SUBMITS = (
    "api_client.cli.submit_run",
    *("celery.app.base", "celery.app.amqp", "celery.app.events", "celery.loaders.app"),
    "kombu.transport.redis",
)
"""What stores footage and sends work."""


Scans = Mapping[Path, Future[Scan]]
"""Input → its reading, where that has been begun."""


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

    def check(self, source: Path, scans: Scans) -> Footage:
        """Check an input that is no still picture; tell what a person should know before it is begun."""
        found = checked_video(
            source,
            stream=self.stream,
            deinterlace=self.deinterlace == "auto",
            start=self.start,
            end=self.end,
            begun=scans.get(source),
        )
        note = ends_before(found, self.end)
        if note and not self.quiet:
            tell(f"note: {note}")
        return found

    def _rendering(self) -> Rendering:
        return rendering_of(
            style=self.style,
            only=self.only,
            trails=self.trails,
            sound=self.sound,
            zones=self.zones,
            lines=self.lines,
        )


def submitted(
    settings: Settings, inputs: list[Path], wanted: Wanted, stack: LocalStack | None, scans: Scans
) -> int:
    """Do what is wanted; return the exit status. stack: the local one, where it was begun for this."""
    if wanted.detach and settings.is_local and LocalStack.find(settings) is None:
        raise SettingsError(
            "--detach needs workers that stay: start them with `client up`, or set HORATIO_BROKER_URL"
        )
    job = wanted.job(settings)
    load_meanwhile(SUBMITS)
    plan = plan_jobs(
        partial(wanted.check, scans=scans),
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
    from api_client.cli.submit_run import carried_out  # is being loaded

    return carried_out(settings, plan, job, wanted, stack)
