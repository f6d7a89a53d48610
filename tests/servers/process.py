"""A server that runs as a child of the tests and is gone after them."""

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.waiting import wait_until


class ServerDiedError(RuntimeError):
    """It ended before it was ready; the message has the end of its log."""


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    is_ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    ready_timeout_seconds: float = 30,
    stop_timeout_seconds: float = 15,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a server, wait until it is ready, stop it at the end: SIGTERM, then SIGKILL."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=dict(environment) if environment is not None else None,
            cwd=cwd,
        )
    try:
        wait_until(
            lambda: _died(process, log) or is_ready(),
            ready_timeout_seconds,
            description=f"{command[0]} gets ready",
        )
        yield process
    finally:
        stop(process, timeout_seconds=stop_timeout_seconds)


def stop(process: "subprocess.Popen[bytes]", *, timeout_seconds: float = 15) -> None:
    """End a process and wait for its end; nothing happens where it has ended."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGCONT)  # a test may have stopped it
    process.terminate()
    try:
        process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nothing listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _died(process: "subprocess.Popen[bytes]", log: Path) -> bool:
    if process.poll() is not None:
        tail = log.read_text(errors="replace")[-2000:]
        raise ServerDiedError(f"{process.args} ended with {process.returncode}:\n{tail}")
    return False
