"""`client verify` and `client doctor`: whether a result, or an installation, is right."""

import time
from pathlib import Path

import click

from api_client.cli.say import as_called, say, tell
from api_client.doctor import examine
from api_client.settings import Settings
from api_client.verify import verify_result

_PROGRESS_SECONDS = 5.0


@click.command()
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.argument("results", metavar="RESULTS", type=click.Path(path_type=Path))
def verify(source: Path, results: Path) -> int:
    """Compare RESULTS with a plain decode of INPUT: frames, times, pictures, sound and log.

    Exit status: 0 verified, 1 something differs (one line each says what), 2 nothing to compare.
    """
    report = verify_result(source, results, on_progress=_Progress())
    for difference in report.differences:
        say(f"different: {difference}")
    for remark in report.remarks:
        say(f"note: {remark}")
    say(report.describe())
    return 1 if report.differences else 0


class _Progress:
    """Says now and then how far verification is, on the standard error."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said >= _PROGRESS_SECONDS:
            self._said = now
            pace = done / (now - self._began)
            tell(f"verify: {done}/{total} frames, {pace:.0f} frames/s")


@click.command()
def doctor() -> int:
    """Check broker, storage, workers and encoder; each line says what to do."""
    healthy = True
    for finding in examine(Settings.load()):
        verdict = "ok  " if finding.ok else "FAIL"
        say(as_called(f"{verdict}  {finding.subject}: {finding.message}"))
        healthy = healthy and finding.ok
    return 0 if healthy else 1
