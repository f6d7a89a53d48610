"""`client verify` and `client doctor`: whether a result, or an installation, is right."""

from pathlib import Path

import click

from api_client.doctor import examine
from api_client.settings import Settings
from api_client.verify import verify_result


@click.command()
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.argument("results", metavar="RESULTS", type=click.Path(path_type=Path))
def verify(source: Path, results: Path) -> int:
    """Check that every frame of INPUT is in the log and the annotated video of RESULTS, once, in time."""
    report = verify_result(source, results)
    for difference in report.differences:
        click.echo(f"different: {difference}")
    click.echo(report.describe())
    return 1 if report.differences else 0


@click.command()
def doctor() -> int:
    """Check broker, storage, workers and encoder; each line says what to do."""
    healthy = True
    for finding in examine(Settings.load()):
        click.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.subject}: {finding.message}")
        healthy = healthy and finding.ok
    return 0 if healthy else 1
