"""Showing how far an upload is, on a terminal alone."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api_client.footage import UploadProgress

if TYPE_CHECKING:
    from rich.live import Live


class UploadDisplay:
    """Shows an upload. Is what to tell about it."""

    def __init__(self, name: str, live: "Live | None") -> None:
        self._name = name
        self._live = live
        self.was_stored = False
        """Whether the footage was in the store already."""

    def __call__(self, progress: UploadProgress) -> None:
        """Show how far it is."""
        self.was_stored = progress.is_stored_already
        if self._live is not None:
            from api_client.cli.progress import bar

            title = f"uploading {self._name}"
            self._live.update(bar(title, progress.frames_uploaded, progress.frames_total, ""))


@contextmanager
def upload_display(name: str, *, quiet: bool = False) -> Iterator[UploadDisplay]:
    """Show an upload while the block lasts."""
    if quiet or not sys.stderr.isatty():
        yield UploadDisplay(name, None)
        return
    from rich.console import Console  # deferred: work is sent before anything else is drawn
    from rich.live import Live

    with Live(console=Console(stderr=True), refresh_per_second=8, transient=True) as live:
        yield UploadDisplay(name, live)
