"""`client render` and `client track`: a finished job told again. Neither needs the video or a detector."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api_client.again import Retracking
from api_client.cli.asked_rendering import rendering_of
from api_client.cli.export_option import export_option
from api_client.cli.follow import job_argument, json_option, output_option, quiet_option
from api_client.cli.job_end import Showing, follow_to_results
from api_client.cli.rendering_options import rendering_options
from api_client.cli.say import tell_waiting
from api_client.client import Client
from api_client.contract.ids import JobId


def _result_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return output_option(json_option(quiet_option(command)))


@click.command()
@job_argument
@rendering_options
@click.option("-t", "--threshold", type=float, help="Show what is at least this sure at its best, 0 to 1.")
@_result_options
def render(job_id: JobId, output: Path | None, *, as_json: bool, quiet: bool, **options: Any) -> int:
    """Draw a finished job's log as another video. Needs neither the input nor a detector."""
    rendering = rendering_of(**options)
    with Client(on_wait=tell_waiting) as client:
        again = client.render(job_id, rendering)
        showing = Showing(as_json=as_json, quiet=quiet, table=False)
        return follow_to_results(client, again, output, showing=showing)


@click.command()
@job_argument
@rendering_options
@click.option("--video/--no-video", default=True, help="Draw the video too.  [default: draw]")
@click.option("-t", "--threshold", type=float, help="Lowest confidence shown, down to what was logged.")
@export_option
@_result_options
def track(
    job_id: JobId,
    output: Path | None,
    *,
    threshold: float | None,
    exports: tuple[str, ...],
    video: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Follow a finished job's objects anew: another threshold, another log. Needs no detector."""
    rendering = rendering_of(**options) if video else None
    with Client(on_wait=tell_waiting) as client:
        change = Retracking(threshold=threshold, exports=exports, rendering=rendering)
        again = client.track(job_id, change)
        return follow_to_results(client, again, output, showing=Showing(as_json=as_json, quiet=quiet))
