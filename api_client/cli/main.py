"""Where the command starts, and where every error becomes one line and an exit status."""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click

from api_client.cli.exit_status import COMPLETE, FAILED, INTERRUPTED, TERMINATED, UNUSABLE
from api_client.cli.lazy_commands import LazyCommands, LazyGroup, Listed
from api_client.cli.say import NAMES, program, tell, with_notes
from api_client.errors import HoratioError, JobCancelledError, JobFailedError

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
    "render": Listed(
        module="again",
        summary="Draw a finished job's log as another video.",
    ),
    "track": Listed(
        module="again",
        summary="Follow a finished job's objects anew: another threshold, another log.",
    ),
    "query": Listed(
        module="query",
        summary="Ask other words of what a finished job has seen.",
    ),
    "search": Listed(
        module="search",
        summary="Search all that was seen for WORDS, whatever was looked for then; "
        "nothing is looked at again.",
    ),
    "learn": Listed(
        module="learn",
        summary="Learn labels from example pictures, to be used as words are: `submit -v breeds.vocab`.",
    ),
    "export": Listed(
        module="export",
        summary="Write the log of a finished job in other formats.",
    ),
    "report": Listed(
        module="report",
        summary="Write a page that shows what a finished job found, and open it.",
    ),
    "clips": Listed(
        module="clips",
        summary="Cut the moments of a finished job in which a condition holds.",
    ),
    "zones": Listed(
        module="zones",
        summary="Count who entered and left zones and crossed lines in a finished job, "
        "and how long they stayed.",
    ),
    "compare": Listed(
        module="compare",
        summary="Say how far two finished jobs on the same footage agree, and show both beside each other.",
    ),
    "watch-folder": Listed(
        module="watch_folder",
        summary="Make every new file in a folder a job, once, until you end it.",
    ),
    "cancel": Listed(
        module="follow",
        summary="Stop a job.",
    ),
    "jobs": Listed(
        module="jobs",
        summary="List the jobs in the store, oldest first, and say how large it is.",
    ),
    "resume": Listed(
        module="follow",
        summary="Go on with a job that was cancelled, interrupted, or left with gaps; "
        "then fetch its results.",
    ),
    "verify": Listed(
        module="check",
        summary="Compare RESULTS with a plain decode of INPUT: frames, times, pictures, sound and log.",
    ),
    "up": Listed(
        module="stack",
        summary="Start a local stack that stays: Redis, workers, and Flower.",
    ),
    "down": Listed(
        module="stack",
        summary="End the local stack that `client up` started.",
    ),
    "gc": Listed(
        module="gc",
        summary="Delete jobs, by name or by age: their videos, results and logs in the store "
        "and in the queue.",
    ),
    "detectors": Listed(
        module="detectors",
        summary="List detectors: what each needs and who has it, its licence, and what it can do.",
    ),
    "doctor": Listed(
        module="check",
        summary="Check broker, storage, workers and encoder; each line says what to do.",
    ),
}
"""A test holds the summaries against the commands' own help."""


_QUICKER = {"OPENBLAS_NUM_THREADS": "1", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""Read where NumPy and pydantic are loaded, by what is started from here too. Nothing is multiplied that pays
for threads, and pydantic would look for plugins in every package."""


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

    Exit status: 0 complete, 1 failed or cancelled, 2 cannot be done as asked, 3 complete with gaps,
    130 interrupted.
    """


def main() -> None:
    """Run the command line and exit."""
    for name, value in _QUICKER.items():
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, _end)  # as gently as by Ctrl-C: what was begun is cleared away
    sys.exit(run(sys.argv[1:]))


class _Terminated(KeyboardInterrupt):
    """Told to end: everything does what it does at Ctrl-C, and says the same."""


def _end(_number: int, _frame: object) -> NoReturn:
    raise _Terminated


def run(arguments: list[str]) -> int:
    """Run one command; return its exit status. No error of ours leaves a traceback."""
    try:
        return cli.main(arguments, prog_name=_name(), standalone_mode=False) or COMPLETE
    except click.exceptions.Exit as exit_request:
        return exit_request.exit_code
    except click.ClickException as error:
        return _complain(error.format_message(), UNUSABLE)
    except (JobFailedError, JobCancelledError) as error:
        return _complain(with_notes(error), FAILED)
    except HoratioError as error:
        return _complain(with_notes(error), UNUSABLE)
    except BrokenPipeError:  # `client jobs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COMPLETE
    except OSError as error:
        return _complain(f"{error.strerror or error}: {error.filename or 'no file named'}", UNUSABLE)
    except (KeyboardInterrupt, click.Abort) as interrupt:
        cause = interrupt.__cause__ or interrupt  # click wraps it
        status = TERMINATED if isinstance(cause, _Terminated) else INTERRUPTED
        return _complain(with_notes(cause, "interrupted"), status)


def _complain(message: str, status: int) -> int:
    tell(f"{_name()}: {' '.join(message.split())}")
    return status


def _name() -> str:
    """Of the program, without its path: shells complete by it."""
    name = Path(program()).name
    return name if name in NAMES else NAMES[0]
