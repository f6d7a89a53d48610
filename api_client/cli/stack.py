"""`client up` and `client down`: a local stack that stays."""

import click

from api_client.cli.say import as_called, say
from api_client.errors import SettingsError
from api_client.install_command import install_command
from api_client.local import LocalStack
from api_client.settings import Settings

_MOST_WORKERS = 64


class WorkerCount(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click alone
    """A number of workers, or "auto"."""

    name = "number"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        """Return None for "auto"; refuse what is neither in one line."""
        if value == "auto":
            return None
        text = str(value)
        if not text.isdecimal() or not 1 <= int(text[:4]) <= _MOST_WORKERS:
            self.fail(f"{value!r} is no number of workers: write 1 to {_MOST_WORKERS}, or auto", param, ctx)
        return int(text)


@click.command()
@click.option(
    "--workers",
    type=WorkerCount(),
    default="auto",
    metavar="N|auto",
    help="How many processes detect.  [default: auto, one for each GPU, or one]",
)
def up(*, workers: int | None) -> None:
    """Start a local stack that stays: Redis, workers, and Flower."""
    settings = Settings.load()
    if not settings.is_local:
        raise SettingsError("HORATIO_BROKER_URL is set, so jobs go there: unset it to use a local stack")
    stack = LocalStack.start_lasting(settings, workers=workers)
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
