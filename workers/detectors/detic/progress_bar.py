"""A progress bar for the download of weights."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from workers.detectors.detic.download import BytesProgress


@contextmanager
def download_bar(description: str) -> Iterator[BytesProgress]:
    """Yield a callback that shows (bytes there, bytes in all) on standard error, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=None)

        def show(there: int, total: int) -> None:
            bar.update(task, completed=there, total=total)

        yield show
