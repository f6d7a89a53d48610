"""Where the command starts, and where every error becomes one line and an exit status."""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click

from api_client.cli.check import doctor, verify
from api_client.cli.exit_status import COMPLETE, FAILED, INTERRUPTED, UNUSABLE
from api_client.cli.export import export
from api_client.cli.follow import cancel, fetch, resume, status, watch
from api_client.cli.gc import gc
from api_client.cli.jobs import jobs
from api_client.cli.say import NAMES, program, tell
from api_client.cli.stack import down, up
from api_client.cli.submit import submit
from api_client.errors import HoratioError, JobCancelledError, JobFailedError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="horatio-video", prog_name="client")
def cli() -> None:
    """Name anything, find it in any video.

    With nothing configured, jobs run on this machine. HORATIO_BROKER_URL and HORATIO_STORE_URL
    send them to a cluster instead.

    Exit status: 0 complete, 1 failed or cancelled, 2 cannot be done as asked, 3 complete with gaps,
    130 interrupted.
    """


for command in (submit, status, watch, fetch, export, cancel, jobs, resume, verify, up, down, gc, doctor):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit."""
    signal.signal(signal.SIGTERM, _end)  # as gently as by Ctrl-C: what was begun is cleared away
    sys.exit(run(sys.argv[1:]))


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def run(arguments: list[str]) -> int:
    """Run one command; return its exit status. No error of ours leaves a traceback."""
    try:
        return cli.main(arguments, prog_name=_name(), standalone_mode=False) or COMPLETE
    except click.exceptions.Exit as exit_request:
        return exit_request.exit_code
    except click.ClickException as error:
        return _complain(error.format_message(), UNUSABLE)
    except (JobFailedError, JobCancelledError) as error:
        return _complain(str(error), FAILED)
    except HoratioError as error:
        return _complain(str(error), UNUSABLE)
    except BrokenPipeError:  # `client jobs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COMPLETE
    except OSError as error:
        return _complain(f"{error.strerror or error}: {error.filename or 'no file named'}", UNUSABLE)
    except (KeyboardInterrupt, click.Abort) as interrupt:
        cause = interrupt.__cause__ or interrupt  # click wraps it
        return _complain("; ".join(("interrupted", *getattr(cause, "__notes__", ()))), INTERRUPTED)


def _complain(message: str, status: int) -> int:
    tell(f"{_name()}: {' '.join(message.split())}")
    return status


def _name() -> str:
    """Of the program, without its path: shells complete by it."""
    name = Path(program()).name
    return name if name in NAMES else NAMES[0]
