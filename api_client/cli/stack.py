"""`client up` and `client down`: a local stack that stays."""

import click

from api_client.errors import SettingsError
from api_client.local import LocalStack
from api_client.settings import Settings


@click.command()
def up() -> None:
    """Start a local stack that stays: Redis, a worker, and Flower."""
    settings = Settings.load()
    if not settings.is_local:
        raise SettingsError("HORATIO_BROKER_URL is set, so jobs go there: unset it to use a local stack")
    stack = LocalStack.start_lasting(settings)
    click.echo(f"running; Flower at {stack.record.flower_url}, log in {stack.record.log_path}")
    click.echo("submit as usual; `client down` ends it")


@click.command()
def down() -> None:
    """End the local stack that `client up` started."""
    stack = LocalStack.find(Settings.load())
    if stack is None:
        click.echo("no local stack is running")
        return
    stack.stop()
    click.echo("stopped")
