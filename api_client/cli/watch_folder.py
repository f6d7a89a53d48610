"""`client watch-folder`: what comes into a folder is looked at."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from api_client.asked_words import merged_vocabulary
from api_client.cli.exit_status import COMPLETE
from api_client.cli.found_table import counts
from api_client.cli.job_end import found_of, report_beside
from api_client.cli.say import say, tell, tell_waiting
from api_client.client import DEFAULT_DETECTOR, DEFAULT_VOCABULARY, Client
from api_client.errors import HoratioError, SettingsError
from api_client.question import BOXES, job_spec
from api_client.results_place import check_can_be_written
from api_client.settings import Settings
from api_client.watched_folder.folder import Ended, WatchedFolder, Watching
from api_client.watched_folder.notices import About, Notice, Notifier, notice_of_job, notices_of_tracks
from api_client.watched_folder.record import record_of

_LOOK_SECONDS = 2.0


class _Telling:
    """What is told of each job, here and elsewhere."""

    def __init__(self, client: Client, urls: Sequence[str], about: About, *, report: bool) -> None:
        self._client, self._about, self._report = client, about, report
        self._notifier = Notifier(urls) if urls else None
        self._told: set[tuple[str, str]] = set()

    def submitted(self, name: str, job_id: str) -> None:
        """A file has become a job."""
        tell(f"{name}: job {job_id}")

    def trouble(self, name: str, error: HoratioError) -> None:
        """Said once, however often it is tried again."""
        if (name, str(error)) not in self._told:
            self._told.add((name, str(error)))
            tell(f"{name}: {error}")

    def ended(self, ended: Ended) -> None:
        """A job has ended: a line of JSON, and messages."""
        state = ended.status.state.replace("_", " ")
        found = found_of(ended.fetched) if ended.fetched else None
        line = {"file": ended.name, "job_id": ended.status.job_id, "state": ended.status.state}
        place = ""
        if ended.fetched is not None:
            place = str(ended.fetched.directory)
            if self._report:
                report_beside(self._client, ended.fetched)
        say(json.dumps({**line, "directory": place or None}))
        for notice in self._notices(ended, state, counts(found) if found else "nothing", place):
            self._send(notice)

    def _notices(self, ended: Ended, state: str, found: str, place: str) -> list[Notice]:
        tracks = ended.fetched.directory / "tracks.parquet" if ended.fetched else None
        if self._about == "track" and tracks is not None and tracks.exists():
            from api_client.log.tracks.table import read_tracks  # deferred: pyarrow

            return list(notices_of_tracks(ended.name, read_tracks(tracks)))
        said = ended.status.reason if ended.fetched is None else place
        return [notice_of_job(ended.name, state, found, said or "none")]

    def _send(self, notice: Notice) -> None:
        if self._notifier is not None and not self._notifier.send(notice):
            tell(f"warning: not everybody could be notified: {notice.title}")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "-v",
    "--vocabulary",
    multiple=True,
    default=(DEFAULT_VOCABULARY,),
    show_default=True,
    help="What to look for, as for submit.",
)
@click.option("-d", "--detector", default=DEFAULT_DETECTOR, show_default=True, help="Which detector looks.")
@click.option("--weights", type=click.Path(path_type=Path), help="A checkpoint for the detector.")
@click.option("-t", "--threshold", type=float, help="Lowest confidence shown, 0 to 1.")
@click.option(
    "--every", type=click.IntRange(min=1), default=1, show_default=True, help="Look at every n-th frame only."
)
@click.option("--video/--no-video", default=True, help="Make annotated videos.  [default: make]")
@click.option("--report/--no-report", default=True, help="Write reports too.  [default: write]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Below which each file's results go.  [default: NAME-horatio beside the file]",
)
@click.option(
    "--done",
    type=click.Path(path_type=Path, file_okay=False),
    help="Move files there once they have results.",
)
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="A file is complete once it has not changed for so many seconds.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=4, show_default=True, help="So many at once.")
@click.option("--once", is_flag=True, help="End when everything that is there has been done.")
@click.option(
    "--notify", multiple=True, metavar="URL", help="Whom to tell, as Apprise writes it; several times."
)
@click.option(
    "--notify-about", type=click.Choice(["job", "track"]), default="job", show_default=True,
    help="One message a job, or one for each object found.",
)  # fmt: skip
def watch_folder(
    folder: Path,
    vocabulary: tuple[str, ...],
    *,
    detector: str,
    weights: Path | None,
    threshold: float | None,
    every: int,
    video: bool,
    report: bool,
    output: Path | None,
    done: Path | None,
    settle: float,
    jobs: int,
    once: bool,
    notify: tuple[str, ...],
    notify_about: Literal["job", "track"],
) -> int:
    """Make every new file in a folder a job, once, until you end it. Prints a line of JSON a job."""
    settings = Settings.load()
    job = job_spec(
        settings,
        vocabulary=merged_vocabulary(vocabulary),
        detector=detector,
        weights=weights,
        threshold=threshold,
        every=every,
        rendering=BOXES if video else None,
    )
    _check_places(folder, output, done)
    watching = Watching(
        folder=folder,
        job=job,
        weights=weights,
        output=output,
        done=done,
        settle_seconds=settle,
        most_jobs=jobs,
    )
    with Client(settings, on_wait=tell_waiting) as client, record_of(folder, settings.home) as record:
        telling = _Telling(client, notify, notify_about, report=report)
        watched = WatchedFolder(
            client=client,
            watching=watching,
            record=record,
            on_submitted=telling.submitted,
            on_ended=telling.ended,
            on_trouble=telling.trouble,
        )
        _watch(watched, once=once)
    return COMPLETE


def _watch(watched: WatchedFolder, *, once: bool) -> None:
    try:
        watched.look()
        while not (once and watched.is_idle):
            time.sleep(_LOOK_SECONDS)
            watched.look()
    except KeyboardInterrupt:
        tell("what is done is kept, and the same command goes on from there")
        raise


def _check_places(folder: Path, output: Path | None, done: Path | None) -> None:
    if not folder.is_dir():
        raise SettingsError(f"there is no folder {str(folder)!r}: make it, or check the path")
    if done is not None and done.resolve() == folder.resolve():
        raise SettingsError(f"--done is {folder}, the folder that is watched: name another")
    for directory in filter(None, (output or folder, done)):
        check_can_be_written(directory, size_bytes=0)
