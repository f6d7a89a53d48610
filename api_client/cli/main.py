"""Where the command starts, and where every error becomes one line and an exit status."""

import os
import sys

import click

from api_client.cli.lazy_commands import LazyCommands, LazyGroup, Listed
from api_client.errors import HoratioError, JobCancelledError, JobFailedError

EXIT_FAILED, EXIT_UNUSABLE, EXIT_INTERRUPTED = 1, 2, 130


_COMMANDS = {
    "submit": Listed(
        module="submit",
        summary="Find what VOCABULARY names in videos or pictures; get annotated videos and detection logs.",
    ),
    "status": Listed(
        module="follow",
        summary="Say how far a job is.",
    ),
    "watch": Listed(
        module="follow",
        summary="Follow a job until it ends, and mend it if anything was lost on the way.",
    ),
    "fetch": Listed(
        module="follow",
        summary="Download a finished job's results.",
    ),
    "cancel": Listed(
        module="follow",
        summary="Stop a job.",
    ),
    "jobs": Listed(
        module="follow",
        summary="List the jobs in the store, oldest first.",
    ),
    "resume": Listed(
        module="follow",
        summary="Go on with a job that was cancelled, interrupted, or left with gaps; "
        "then fetch its results.",
    ),
    "verify": Listed(
        module="check",
        summary="Check that every frame of INPUT is in the log and the annotated video of RESULTS, "
        "once, in time.",
    ),
    "up": Listed(
        module="stack",
        summary="Start a local stack that stays: Redis, a worker, and Flower.",
    ),
    "down": Listed(
        module="stack",
        summary="End the local stack that `client up` started.",
    ),
    "gc": Listed(
        module="gc",
        summary="Delete old jobs: their videos, results and logs in the store, "
        "and what the queue knows of them.",
    ),
    "doctor": Listed(
        module="check",
        summary="Check broker, storage, workers and encoder; each line says what to do.",
    ),
}
"""A test holds the summaries against the commands' own help."""


@click.group(
    cls=LazyGroup,
    commands=LazyCommands(_COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="horatio-video", prog_name="client")
def cli() -> None:
    """Name anything, find it in any video.

    With nothing configured, jobs run on this machine. HORATIO_BROKER_URL and HORATIO_STORE_URL
    send them to a cluster instead.
    """


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
