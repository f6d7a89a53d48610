"""`client up` and `client down`: a local stack that stays."""

import click

from api_client.cli.say import as_called, say
from api_client.errors import SettingsError
from api_client.install_command import install_command
from api_client.local import LocalStack
from api_client.settings import Settings


@click.command()
def up() -> None:
    """Start a local stack that stays: Redis, a worker, and Flower."""
    settings = Settings.load()
    if not settings.is_local:
        raise SettingsError("HORATIO_BROKER_URL is set, so jobs go there: unset it to use a local stack")
    stack = LocalStack.start_lasting(settings)
    say(f"running; {_flower(stack, settings)}, log in {stack.record.log_path}")
    say(as_called("submit as usual; `client down` ends it"))


def _flower(stack: LocalStack, settings: Settings) -> str:
    url = stack.record.flower_url
    if url is None:
        return f"no Flower, which is not installed (`{install_command('monitor')}`)"
    taken = "" if url.endswith(f":{settings.flower_port}") else f" (port {settings.flower_port} is taken)"
    return f"Flower at {url}{taken}"


@click.command()
def down() -> None:
    """End the local stack that `client up` started."""
    stack = LocalStack.find(Settings.load())
    if stack is None:
        say("no local stack is running")
        return
    stack.stop()
    say("stopped")
