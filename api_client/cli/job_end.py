"""From a job that is under way to its results on disk, and what is told about them."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.cli import exit_status
from api_client.cli.say import say, tell
from api_client.client import Client
from api_client.contract.ids import JobId
from api_client.errors import HoratioError, IntegrityError, JobCancelledError, JobFailedError
from api_client.results_place import IfTaken
from api_client.status import JobStatus

if TYPE_CHECKING:
    from api_client.fetched import FetchedResult
    from api_client.found import Found


@dataclass(frozen=True, kw_only=True)
class Showing:
    """How much is told, and in which form."""

    as_json: bool = False
    quiet: bool = False
    table: bool = True
    """Whether the words found are shown after each job."""


def follow(client: Client, job_id: JobId, *, quiet: bool = False) -> JobStatus:
    """Show a job until it has ended; return its last status."""
    from api_client.cli.progress import JobDisplay  # deferred: it draws, and is loaded while workers begin

    with JobDisplay(quiet=quiet) as display:
        for current in client.watch(job_id):
            display.show(current)
    return current


def follow_to_results(
    client: Client, job_id: JobId, directory: Path | None, *, showing: Showing, with_report: bool = False
) -> int:
    """Show a job until it has ended and fetch its results; return the exit status.

    with_report: write the report beside them.
    Left by Ctrl-C, it says how to go on. Raises as `fetch_and_tell`.
    """
    try:
        last = follow(client, job_id, quiet=showing.quiet)
    except KeyboardInterrupt:
        tell(farewell(client, job_id, directory))
        raise
    fetch_and_tell(client, last, directory, if_taken="refuse", showing=showing, with_report=with_report)
    return exit_status.status_of(last)


def fetch_and_tell(
    client: Client,
    last: JobStatus,
    directory: Path | None,
    *,
    if_taken: IfTaken,
    showing: Showing,
    with_report: bool = False,
) -> "FetchedResult":
    """Download the results of a job that has ended, and say what they are and where.

    with_report: write the report beside them.
    Raises `JobFailedError`, `JobCancelledError` where there are none.
    """
    if last.has_ended and not last.has_result:
        if showing.as_json:
            say(json.dumps(last.to_json()))
        raise _without_result(last)
    fetched = client.fetch(last.job_id, directory, if_taken=if_taken)
    if not showing.quiet:
        _tell_of(fetched, showing)
    report = report_beside(client, fetched) if with_report else None
    if showing.as_json:
        say(json.dumps({**last.to_json(), **_json_of(fetched), "report": report and str(report)}))
    else:
        for path in (fetched.video_path, fetched.annotated, fetched.paths.get("detections.txt"), report):
            if path is not None:
                say(path)
    return fetched


def report_beside(client: Client, fetched: "FetchedResult") -> Path | None:
    """The page; None where it cannot be made, which is no reason to fail a job whose results are there."""
    job_id = fetched.result.job_id
    try:
        return client.report(job_id, fetched.directory, looks="few")
    except HoratioError as error:
        tell(f"note: there is no report ({error}): `client report {job_id}` tries again")
        return None


def farewell(client: Client, job_id: JobId, directory: Path | None = None) -> str:
    """Say what becomes of a job nobody watches any more, and how to go on."""
    there = f" -o {shlex.quote(str(directory))}" if directory else ""
    if client.settings.is_local and client.owns_stack:
        return f"{job_id}: what is done is kept, `client resume {job_id}{there}` goes on from there"
    return f"{job_id}: no longer watched, the job goes on: `client watch {job_id}`"


def found_of(fetched: "FetchedResult") -> "Found | None":
    """What came of each word; None where the summary is another version's."""
    try:
        return fetched.found()
    except IntegrityError:
        return None


def _without_result(last: JobStatus) -> JobFailedError | JobCancelledError:
    if last.state == "cancelled":
        return JobCancelledError(f"job {last.job_id} was cancelled: `client resume {last.job_id}` goes on")
    return JobFailedError(f"job {last.job_id} failed: {last.reason}")


def _tell_of(fetched: "FetchedResult", showing: Showing) -> None:
    is_of_pictures = fetched.result.is_of_pictures
    for gap in fetched.result.gaps:
        kind = "pictures" if is_of_pictures else "frames"
        tell(f"warning: {kind} {gap.first_frame} to {gap.last_frame} were not looked at: {gap.reason}")
    for note in fetched.result.notes:
        tell(f"note: {note}")
    found = found_of(fetched)
    if found is not None and showing.table and not showing.as_json:
        from api_client.cli.found_table import print_found

        print_found(found)


def _json_of(fetched: "FetchedResult") -> dict[str, object]:
    return {
        "directory": str(fetched.directory),
        "video": fetched.video_path and str(fetched.video_path),
        "annotated": fetched.annotated and str(fetched.annotated),
        "files": {name: str(path) for name, path in fetched.paths.items()},
    }
