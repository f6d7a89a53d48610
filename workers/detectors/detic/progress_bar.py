"""How far the download of weights is: a bar for a person, lines in the log for a worker."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from workers.detectors.detic.download import BytesProgress

_LOG = logging.getLogger(__name__)

TENTHS = 10


@contextmanager
def download_bar(description: str) -> Iterator[BytesProgress]:
    """Yield a callback for (bytes there, bytes in all) that draws on standard error, or logs every tenth."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield logged(description)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(description, total=None)

        def show(there: int, total: int) -> None:
            bar.update(task, completed=there, total=total or None)

        yield show


def logged(description: str) -> BytesProgress:
    """Return a callback that logs once for each tenth of the bytes."""
    told = -1

    def tell(there: int, total: int) -> None:
        nonlocal told
        tenth = there * TENTHS // total if total else 0
        if tenth > told:
            told = tenth
            _LOG.info("downloading %s: %d of %d MB", description, there >> 20, total >> 20)

    return tell
