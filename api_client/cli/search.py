"""`client search`: things in all that was seen, whatever was looked for then."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from api_client.asked_words import merged_vocabulary
from api_client.cli.learn import learnt_from
from api_client.cli.say import say, tell
from api_client.client import DEFAULT_DETECTOR, Client
from api_client.contract.ids import JobId, checked_job_id
from api_client.errors import SettingsError
from api_client.scratch import scratch_directory
from api_client.search.asked import FoundMoment
from api_client.search.result import SearchResult, said_of, when

_WORDS_SHOWN = 10


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--like",
    help="Pictures of what to look for, instead of words or beside them: bag1.jpg,bag2.jpg. See `learn`.",
)
@click.option(
    "--job",
    "jobs",
    multiple=True,
    metavar="JOB",
    callback=lambda _c, _p, values: tuple(map(checked_job_id, values)),
    help="Search this job alone. Several times.  [default: all of the store]",
)
@click.option("--since", metavar="TIME", help="Leave out jobs submitted before: 2026-11-01, 12h, 7d.")
@click.option("--top", type=int, default=20, show_default=True, help="Moments shown of each word.")
@click.option("-t", "--threshold", type=float, help="Lowest score shown, 0 to 1.  [default: the detector's]")
@click.option(
    "--thumbnails", type=click.Path(path_type=Path, file_okay=False),
    help="Cut a picture of each moment out of the stored footage, into this directory.",
)  # fmt: skip
@click.option(
    "--html", "sheet", type=click.Path(path_type=Path, dir_okay=False),
    help="Write all moments, with pictures, as one page: found.html.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one line a moment.")
@click.option("-q", "--quiet", is_flag=True, help="Print moments and errors, nothing else.")
def search(
    words: tuple[str, ...],
    *,
    like: str | None,
    jobs: tuple[JobId, ...],
    since: str | None,
    top: int,
    threshold: float | None,
    thumbnails: Path | None,
    sheet: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Search all that was seen for WORDS, whatever was looked for then; nothing is looked at again.

    WORDS are "backpack, ladder:0.5", a file, a shipped list, or a .vocab.
    """
    if not words and like is None:
        raise SettingsError('there is nothing to search for: name it, `client search "backpack"`')
    with Client() as client, scratch_directory("like") as directory:
        if like is not None:
            detector = client.status(jobs[0]).detector if jobs else DEFAULT_DETECTOR
            words = (*words, learnt_from(like, directory, detector=detector, quiet=quiet))
        console = Console(stderr=True, quiet=quiet)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("taking in jobs that are new here", total=None, visible=False)
            found = client.search(
                merged_vocabulary(words),
                jobs=jobs,
                since=since,
                threshold=threshold,
                top=top,
                pictures=thumbnails is not None or sheet is not None,
                on_kept=lambda done, of: progress.update(bar, completed=done, total=of, visible=True),
            )
    places = found.write_pictures(thumbnails) if thumbnails is not None else [None] * len(found)
    if sheet is not None:
        found.write_sheet(sheet)
    for moment, place in zip(found.moments, places, strict=True):
        say(_json_line(moment, place) if as_json else _line(moment, place))
    _tell_about(found, quiet=quiet)
    if sheet is not None and not as_json:
        say(sheet)


def _json_line(moment: FoundMoment, place: Path | None) -> str:
    thumbnail = {} if place is None else {"thumbnail": str(place)}
    return json.dumps({**moment.model_dump(mode="json"), **thumbnail})


def _line(moment: FoundMoment, place: Path | None) -> str:
    columns = (f"{moment.score:.2f}", moment.word, f"{when(moment):<16}", moment.source_name, moment.job_id)
    return "  ".join((*columns, *([str(place)] if place else [])))


def _tell_about(found: SearchResult, *, quiet: bool) -> None:
    """What was not found, how much was searched, and what was left out."""
    if not quiet:
        nothing = [word for word in found.words if not word.moments]
        for word in nothing[:_WORDS_SHOWN]:
            tell(f"{word.word}: {said_of(word, 0)}")
        if len(nothing) > _WORDS_SHOWN:
            tell(f"and nothing of {len(nothing) - _WORDS_SHOWN} other words")
        tell(found.summary)
    for note in found.notes:
        tell(f"note: {note}")
