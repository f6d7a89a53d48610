"""--export, for every command that makes a log."""

from collections.abc import Callable
from typing import Any

import click

from api_client.contract.export_names import EXPORT_NAMES


def split_names(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Read `coco,mot`; what the names mean is for the client to say."""
    return tuple(name for part in (value or "").split(",") if (name := part.strip()))


def export_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--export coco,mot`, for commands that submit."""
    formats = ", ".join(EXPORT_NAMES[3:])
    return click.option(
        "--export", "exports", callback=split_names, metavar="FORMATS",
        help=f"More formats of the log, e.g. coco,mot. There are {formats}.",
    )(command)  # fmt: skip
