"""--zone and --line, for every command that counts or shows them."""

from collections.abc import Callable
from typing import Any

import click


def zone_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --zone and --line, which may be given several times; `shapes_of` reads them."""
    options = [
        click.option(
            "--zone", "zones", multiple=True, metavar="NAME=X1,Y1,X2,Y2[,…]",
            help="An area of the picture, in pixels: a rectangle by two corners, or three corners and more.",
        ),
        click.option(
            "--line", "lines", multiple=True, metavar="NAME=X1,Y1,X2,Y2",
            help="A line across the picture, in pixels.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command
