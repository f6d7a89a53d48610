"""Where the command starts, and where every error becomes one line and an exit status."""

import os
import sys

import click

from api_client.cli.check import doctor, verify
from api_client.cli.export import export
from api_client.cli.follow import cancel, fetch, jobs, resume, status, watch
from api_client.cli.gc import gc
from api_client.cli.stack import down, up
from api_client.cli.submit import submit
from api_client.errors import HoratioError, JobCancelledError, JobFailedError

EXIT_FAILED, EXIT_UNUSABLE, EXIT_INTERRUPTED = 1, 2, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="horatio-video", prog_name="client")
def cli() -> None:
    """Name anything, find it in any video.

    With nothing configured, jobs run on this machine. HORATIO_BROKER_URL and HORATIO_STORE_URL
    send them to a cluster instead.
    """


for command in (submit, status, watch, fetch, export, cancel, jobs, resume, verify, up, down, gc, doctor):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit status. No error of ours leaves a traceback."""
    try:
        return cli.main(arguments, prog_name="client", standalone_mode=False) or 0
    except click.exceptions.Exit as exit_request:
        return exit_request.exit_code
    except click.ClickException as error:
        return _complain(error.format_message(), EXIT_UNUSABLE)
    except (JobFailedError, JobCancelledError) as error:
        return _complain(str(error), EXIT_FAILED)
    except HoratioError as error:
        return _complain(str(error), EXIT_UNUSABLE)
    except BrokenPipeError:  # `client jobs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _complain(f"{error.strerror or error}: {error.filename or 'no file named'}", EXIT_UNUSABLE)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", EXIT_INTERRUPTED)


def _complain(message: str, status: int) -> int:
    click.echo(f"client: {' '.join(message.split())}", err=True)
    return status
