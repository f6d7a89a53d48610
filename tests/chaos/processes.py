"""Finding and ending processes by what `/proc` says of them."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The processes a process has forked and that have not ended."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def family_of(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(member for child in children_of(pid) for member in family_of(child))]


def with_in_environment(entry: str) -> set[int]:
    """Every living process that was started with `NAME=value`."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if entry.encode() in (process / "environ").read_bytes().split(b"\0") and not is_zombie(
                int(process.name)
            ):
                found.add(int(process.name))
    return found


def is_zombie(pid: int) -> bool:
    """Whether it has ended and waits to be waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def send(number: signal.Signals, *pids: int) -> None:
    """Send a signal to processes, some of which may have ended."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
