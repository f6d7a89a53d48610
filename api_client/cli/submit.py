"""`client submit`: from a video to its results, in one command."""

import json
from dataclasses import dataclass
from pathlib import Path

import click

from api_client.cli.export import export_option
from api_client.cli.follow import follow_and_fetch
from api_client.cli.progress import upload_display
from api_client.client import DEFAULT_DETECTOR, DEFAULT_VOCABULARY, Client
from api_client.contract.ids import JobId
from api_client.errors import HoratioError, SettingsError
from api_client.local import LocalStack
from api_client.settings import Settings
from vocabularies import parse_vocabulary


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be done with each input."""

    vocabulary: str
    detector: str
    weights: Path | None
    threshold: float | None
    every: int
    tracks: bool
    exports: tuple[str, ...]
    output: Path | None
    detach: bool
    as_json: bool


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-v",
    "--vocabulary",
    default=DEFAULT_VOCABULARY,
    show_default=True,
    help='What to look for: a shipped list, a file, or "taxi, cyclist, bollard".',
)
@click.option("-d", "--detector", default=DEFAULT_DETECTOR, show_default=True, help="Which detector looks.")
@click.option("--weights", type=click.Path(path_type=Path), help="A checkpoint for the detector.")
@click.option(
    "-t", "--threshold", type=float, help="Lowest confidence kept, 0 to 1.  [default: the detector's]"
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where results go.  [default: INPUT-horatio beside the input]",
)
@click.option(
    "--every", type=click.IntRange(min=1), default=1, show_default=True, help="Look at every n-th frame only."
)
@click.option(
    "--tracks/--no-tracks", default=True, help="Follow objects from frame to frame.  [default: follow]"
)
@export_option
@click.option("--detach", is_flag=True, help="Return once the job is submitted.")
@click.option("--json", "as_json", is_flag=True, help="Print each job's last status as one line of JSON.")
def submit(inputs: tuple[Path, ...], **options: object) -> int:  # fmt: skip
    """Find what VOCABULARY names in videos or pictures; get annotated videos and detection logs."""
    wanted = Wanted(**options)  # type: ignore[arg-type]  # click has checked them
    settings = Settings.load()
    if wanted.detach and settings.is_local and LocalStack.find(settings) is None:
        raise SettingsError(
            "--detach needs workers that stay: start them with `client up`, or set HORATIO_BROKER_URL"
        )
    parse_vocabulary(wanted.vocabulary)  # a mistake is told before anything is started
    with Client(settings) as client:
        submitted, refused = _submit_all(client, inputs, wanted)
        if wanted.detach:
            _print_detached(submitted, as_json=wanted.as_json)
            return refused
        outputs = _outputs([source for source, _ in submitted], wanted.output)
        statuses = [
            follow_and_fetch(client, job_id, outputs[source], as_json=wanted.as_json)
            for source, job_id in submitted
        ]
    return max([refused, *statuses])


def _submit_all(
    client: Client, inputs: tuple[Path, ...], wanted: Wanted
) -> tuple[list[tuple[Path, JobId]], int]:
    """Submit each input; one that cannot be is told and passed over. Return the jobs and an exit status."""
    submitted: list[tuple[Path, JobId]] = []
    refused = 0
    for source in inputs:
        try:
            submitted.append((source, _submit_one(client, source, wanted)))
        except HoratioError as error:
            if len(inputs) == 1:
                raise
            click.echo(f"client: {error}", err=True)
            refused = 2
    return submitted, refused


def _submit_one(client: Client, source: Path, wanted: Wanted) -> JobId:
    with upload_display(source.name) as on_upload:
        job_id = client.submit(
            source,
            vocabulary=wanted.vocabulary,
            detector=wanted.detector,
            weights=wanted.weights,
            threshold=wanted.threshold,
            every=wanted.every,
            tracks=wanted.tracks,
            exports=wanted.exports,
            on_upload=on_upload,
        )
    click.echo(f"submitted {source} as {job_id}", err=True)
    return job_id


def _print_detached(submitted: list[tuple[Path, JobId]], *, as_json: bool) -> None:
    for source, job_id in submitted:
        click.echo(json.dumps({"job_id": job_id, "source": str(source)}) if as_json else job_id)


def _outputs(sources: list[Path], output: Path | None) -> dict[Path, Path]:
    """Where each input's results go: beside it, in the directory asked for, or in one below it each."""
    if output is None:
        return {source: source.with_name(f"{source.stem}-horatio") for source in sources}
    if len(sources) == 1:
        return {sources[0]: output}
    stems = [source.stem for source in sources]
    return {
        source: output / (source.stem if stems.count(source.stem) == 1 else f"{source.stem}-{number}")
        for number, source in enumerate(sources, start=1)
    }
