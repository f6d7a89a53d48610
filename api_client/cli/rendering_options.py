"""How a video is drawn, asked for on the command line."""

from collections.abc import Callable
from typing import Any

import click

from api_client.cli.export_option import split_names
from api_client.cli.zone_options import zone_options
from api_client.contract.styles import STYLES


def rendering_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --style, --only, --trails, --no-sound, --zone and --line."""
    options = [
        click.option(
            "--style", type=click.Choice(STYLES), default="boxes", show_default=True,
            help="Draw boxes, or make what is found unrecognisable, or draw nothing.",
        ),
        click.option("--only", callback=split_names, metavar="WORDS", help="Show these of the words alone."),
        click.option("--trails", is_flag=True, help="Draw the way each object has come."),
        click.option(
            "--sound/--no-sound", default=True, help="Keep sound and subtitles.  [default: keep]"
        ),
    ]  # fmt: skip
    command = zone_options(command)
    for option in reversed(options):
        command = option(command)
    return command
