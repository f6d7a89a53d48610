"""`client …` as a process of its own."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers.worker import REPOSITORY


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    status: int
    output: str
    errors: str
    seconds: float

    @property
    def last_line(self) -> str:
        return (self.errors.splitlines() or [""])[-1]


class ClientProcess:
    """A command that runs."""

    def __init__(self, arguments: list[str], *, directory: Path, environment: Mapping[str, str]) -> None:
        self._output, self._errors = directory / "client.out", directory / "client.err"
        self._began_at = time.monotonic()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api_client.cli", *arguments],
                cwd=REPOSITORY,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def errors(self) -> str:
        """What it has said so far."""
        return self._errors.read_text(errors="replace")

    def job_id(self) -> str | None:
        """The job it stored, once it said so."""
        found = re.search(r"(?:^submitted .* as |`client resume )([^\s`]+)", self.errors, re.MULTILINE)
        return found[1] if found else None

    def wait(self, timeout_seconds: float) -> Ended:
        """Wait for its end; raise `TimeoutError` where it does not come, after killing it."""
        try:
            status = self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(
                f"the client did not end within {timeout_seconds:g} s:\n{self.errors[-2000:]}"
            ) from None
        seconds = time.monotonic() - self._began_at
        return Ended(status=status, output=self._output.read_text(), errors=self.errors, seconds=seconds)

    def kill(self) -> None:
        """kill -9."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
