"""A process that reads damaged input, with bounds on its time and memory."""

import json
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

_START_SECONDS = 120
"""A loaded machine may need long to import torch: no verdict on what is read."""


class Sandbox:
    """Asks a child about one path after another; a child that ends or hangs is replaced."""

    def __init__(self, target: str, *, seconds: float = 60, memory_bytes: int = 6 << 30) -> None:
        self._target = target
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._child: subprocess.Popen[str] | None = None
        self._is_warm = False
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self._end()

    def fault(self, path: Path) -> str:
        """What was wrong with the reading of a file: "" where it was read or refused in one line."""
        child = self._running_child()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{path}\n")
        child.stdin.flush()
        ready, _, _ = select.select([child.stdout], [], [], self._wait_seconds())
        if not ready:
            self._end()
            return f"no answer within {self._seconds:g} s"
        answer = child.stdout.readline()
        if not answer:
            status = child.wait()
            self._end()
            return f"the process ended with status {status}"
        self._is_warm = True
        said = json.loads(answer)
        self.peak_bytes = max(self.peak_bytes, said["peak_bytes"])
        return str(said["fault"])

    def _wait_seconds(self) -> float:
        return self._seconds if self._is_warm else self._seconds + _START_SECONDS

    def _running_child(self) -> "subprocess.Popen[str]":
        if self._child is None:
            self._is_warm = False
            self._child = subprocess.Popen(
                [sys.executable, "-m", "tests.fuzz.child", self._target, str(self._memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # FFmpeg and torch say much about damaged bytes
                text=True,
                cwd=Path(__file__).parents[2],
            )
        return self._child

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        with self._child:  # closes its pipes and waits
            pass
        self._child = None
