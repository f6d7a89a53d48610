"""`client query`: other words asked of what a job has seen, without looking again."""

from pathlib import Path
from typing import Any

import click

from api_client.asked_words import merged_vocabulary
from api_client.cli.asked_rendering import rendering_of
from api_client.cli.export_option import export_option
from api_client.cli.follow import job_argument, json_option, output_option, quiet_option
from api_client.cli.job_end import Showing, follow_to_results
from api_client.cli.learn import learnt_from
from api_client.cli.rendering_options import rendering_options
from api_client.cli.say import tell_waiting
from api_client.client import Client
from api_client.contract.ids import JobId
from api_client.errors import SettingsError
from api_client.scratch import scratch_directory


@click.command()
@job_argument
@click.option(
    "-v",
    "--vocabulary",
    multiple=True,
    help='What to look for now: "ladder, forklift:0.5", a file, a shipped list, or a .vocab. Several times.',
)
@click.option(
    "--like",
    help="Pictures of what to look for, instead of words or beside them: bag1.jpg,bag2.jpg. See `learn`.",
)
@click.option(
    "-t", "--threshold", type=float, help="Lowest confidence shown, 0 to 1.  [default: the detector's]"
)
@export_option
@click.option("--video/--no-video", default=False, help="Draw a video too.  [default: a log alone]")
@rendering_options
@output_option
@json_option
@quiet_option
def query(
    job_id: JobId,
    vocabulary: tuple[str, ...],
    like: str | None,
    output: Path | None,
    *,
    threshold: float | None,
    exports: tuple[str, ...],
    video: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Ask other words of what a finished job has seen. Needs neither the input nor a look at it."""
    if not vocabulary and like is None:
        raise SettingsError("there is nothing to look for: name words with -v, or pictures with --like")
    rendering = rendering_of(**options) if video else None
    with Client(on_wait=tell_waiting) as client, scratch_directory("like") as directory:
        if like is not None:
            detector = client.status(job_id).detector
            vocabulary = (*vocabulary, learnt_from(like, directory, detector=detector, quiet=quiet))
        asked = client.query(
            job_id,
            merged_vocabulary(vocabulary),
            threshold=threshold,
            exports=exports,
            rendering=rendering,
        )
        return follow_to_results(client, asked, output, showing=Showing(as_json=as_json, quiet=quiet))
