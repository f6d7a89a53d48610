"""Doing what was planned: every job to its end, whatever becomes of the others."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.cli import exit_status
from api_client.cli.job_end import Showing, farewell, fetch_and_tell, follow, found_of
from api_client.cli.say import say, styled, tell, tell_waiting, with_notes
from api_client.cli.submit_inputs import Plan, PlannedJob
from api_client.cli.upload_progress import upload_display
from api_client.client import Client
from api_client.contract import JobSpec
from api_client.contract.ids import JobId
from api_client.errors import BrokerUnavailableError, HoratioError
from api_client.local import LocalStack
from api_client.settings import Settings

if TYPE_CHECKING:
    from api_client.cli.submit_wanted import Wanted


def carried_out(
    settings: Settings, plan: Plan, job: JobSpec, wanted: "Wanted", stack: LocalStack | None
) -> int:
    """Do what was planned; return the exit status. stack: the local one, where it was begun for this."""
    is_many = plan.count > 1
    showing = Showing(as_json=wanted.as_json, quiet=wanted.quiet, table=not is_many)
    with Client(settings, on_wait=tell_waiting, stack=stack) as client:
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


@dataclass(kw_only=True)
class Outcome:
    """What became of one input. Mutable: it is filled in as its job goes on."""

    path: Path
    state: str
    found: str = ""
    results: str = ""
    status: int = exit_status.COMPLETE


@dataclass(kw_only=True)
class Run:
    """All jobs of one `client submit`."""

    client: Client
    job: JobSpec
    weights: Path | None
    showing: Showing
    with_report: bool = True
    """Whether a page is written beside each job's results."""
    is_alone: bool = True
    """Whether there is one input, whose error is that of the command."""
    submitted: list[tuple[JobId, PlannedJob]] = field(default_factory=list)
    outcomes: dict[Path, Outcome] = field(default_factory=dict)

    def submit(self, plan: Plan) -> None:
        """Upload and enqueue every job. One that cannot be is told and passed over where there are others."""
        self.is_alone = plan.count == 1
        self._note_what_needs_no_job(plan)
        for planned in plan.jobs:
            try:
                self._submit_one(planned)
            except BrokerUnavailableError:
                raise
            except HoratioError as error:
                if self.is_alone:
                    raise
                self._fail(planned.path, error)

    def finish(self) -> None:
        """Follow every job to its end and fetch its results."""
        for number, (job_id, planned) in enumerate(self.submitted):
            try:
                self._finish_one(job_id, planned)
            except KeyboardInterrupt:
                self.tell_how_to_go_on(self.submitted[number:])
                raise
            except HoratioError:  # which names the job itself
                self.tell_how_to_go_on(self.submitted[number + 1 :])
                raise

    def tell_how_to_go_on(self, jobs: list[tuple[JobId, PlannedJob]]) -> None:
        """Name the command that goes on with each job."""
        for job_id, planned in jobs:
            tell(farewell(self.client, job_id, planned.directory))

    def exit_status(self) -> int:
        """The gravest of all."""
        return exit_status.gravest([outcome.status for outcome in self.outcomes.values()])

    def print_summary(self) -> None:
        """Print a line for every input."""
        from rich import box  # deferred, as all that draws tables: work is sent before any is drawn
        from rich.console import Console
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for title in ("input", "state", "found (frames)", "results"):
            table.add_column(title, overflow="fold")
        for outcome in self.outcomes.values():
            cells = (outcome.path, outcome.state, outcome.found, outcome.results)
            table.add_row(*map(styled, cells))
        Console(stderr=True, highlight=False).print(table)

    def print_detached(self) -> None:
        """Print the ids of the jobs that go on without us."""
        for job_id, planned in self.submitted:
            line = json.dumps({"job_id": job_id, "source": str(planned.path)})
            say(line if self.showing.as_json else job_id)

    def _note_what_needs_no_job(self, plan: Plan) -> None:
        for path, directory in plan.done.items():
            self.outcomes[path] = Outcome(path=path, state="done before", results=str(directory))
            if self.showing.as_json:
                say(json.dumps({"source": str(path), "state": "skipped", "directory": str(directory)}))
        for path, reason in plan.unusable.items():
            tell(f"warning: left out: {reason}")
            if self.showing.as_json:
                say(json.dumps({"source": str(path), "state": "unusable", "reason": reason}))
            self.outcomes[path] = Outcome(path=path, state="unusable", status=exit_status.FAILED)

    def _submit_one(self, planned: PlannedJob) -> None:
        with upload_display(planned.path.name, quiet=self.showing.quiet) as upload:
            job_id = self.client.submit_job(
                planned.footage, planned.job, weights=self.weights, on_upload=upload
            )
        self.submitted.append((job_id, planned))
        if not self.showing.quiet:
            again = ", which is in the store already: nothing was uploaded" if upload.was_stored else ""
            tell(f"submitted {planned.path} as {job_id}{again}")

    def _finish_one(self, job_id: JobId, planned: PlannedJob) -> None:
        try:
            last = follow(self.client, job_id, quiet=self.showing.quiet)
            fetched = fetch_and_tell(
                self.client,
                last,
                planned.directory,
                if_taken="refuse" if planned.is_named else "number",
                showing=self.showing,
                with_report=self.with_report,
            )
        except HoratioError as error:
            if self.is_alone or error.retryable:
                raise
            self._fail(planned.path, error)
            return
        from api_client.cli.found_table import counts

        found = found_of(fetched)
        self.outcomes[planned.path] = Outcome(
            path=planned.path,
            state=last.state.replace("_", " "),
            found=counts(found) if found else "",
            results=str(fetched.directory),
            status=exit_status.status_of(last),
        )

    def _fail(self, path: Path, error: HoratioError) -> None:
        tell(f"client: {path}: {with_notes(error)}")
        self.outcomes[path] = Outcome(path=path, state="failed", status=exit_status.FAILED)
