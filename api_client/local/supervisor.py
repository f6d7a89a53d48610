"""The process that owns a local stack: it starts Redis, the workers and Flower, and ends them.

Of workers that detect there is one a GPU, each seeing its own alone, or as many as asked for. Where frames
are to be looked at first, what draws starts once they can be: on few cores both together would start slowly.

It ends when it is told to (SIGTERM), when Redis or a worker cannot be kept running, or, in a stack
that belongs to one client, when that client is gone: the client holds the other end of its standard input,
which the kernel closes however the client dies.

What the processes need of the settings is in this one's environment already; it reads none itself, so that it
imports little: the workers wait for it.
"""

import argparse
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from api_client.local.cores import usable_cores
from api_client.local.detect_workers import DetectWorker, detect_workers
from api_client.local.gpus import visible_gpus
from api_client.local.parent_death import die_with_parent
from api_client.local.processes import (
    detect_worker_command,
    flower_command,
    reconciler_command,
    redis_command,
    render_worker_command,
)

_TICK_SECONDS = 0.2
_WORKER_RESTARTS = 5
_LONGEST_HEAD_START_SECONDS = 10.0
_CORES_FOR_ALL_AT_ONCE = 8
_RENDER_NICENESS = 5
"""What looks at frames comes first: what draws them works on the cores that leaves."""


@dataclass(kw_only=True)
class _Worker:
    """One of the stack's workers. Mutable: it is restarted a few times."""

    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    restarts_left: int = _WORKER_RESTARTS


class Supervisor:
    """Keeps the processes of one stack."""

    def __init__(
        self,
        run_dir: Path,
        *,
        log_level: str,
        flower_port: int | None,
        detectors: Sequence[DetectWorker],
        detect_first: bool = False,
    ) -> None:
        """flower_port: None for no Flower. detectors: the workers that detect.

        detect_first: what draws is not started before one of them has.
        """
        self._run_dir = run_dir
        self._pulses = {worker.name: run_dir / f"{worker.name}.pulse" for worker in detectors}
        self._workers = {
            worker.name: _Worker(
                command=detect_worker_command(log_level=log_level, name=worker.name),
                environment={**worker.environment, "HORATIO_PULSE_FILE": str(self._pulses[worker.name])},
            )
            for worker in detectors
        }
        self._waiting = {
            "render": _Worker(command=render_worker_command(log_level=log_level, processes=usable_cores()))
        }
        self._waits_until = time.monotonic() + (_LONGEST_HEAD_START_SECONDS if detect_first else 0)
        self._flower_port = flower_port
        # TMPDIR: what a worker was at when it was killed goes with the stack
        self._environment = {**os.environ, "TMPDIR": str(run_dir)}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._told_to_stop = False

    def run(self, *, until_stdin_closes: bool) -> int:
        """Start everything and stay until it is time to end; return the exit status."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._start("redis", redis_command(self._run_dir))
            for name, worker in self._workers.items():
                self._start(name, worker.command, worker.environment)
            self._start_what_waits()
            if self._flower_port is not None:  # a stack that stays
                self._start("reconciler", reconciler_command())
                self._start("flower", flower_command(port=self._flower_port))
            while not self._told_to_stop and self._is_healthy():
                if until_stdin_closes and _stdin_closed(_TICK_SECONDS):
                    break
                time.sleep(0 if until_stdin_closes else _TICK_SECONDS)
                self._start_what_waits()
            return 0 if self._is_healthy() else 1
        finally:
            # with its client and its Redis a passing stack has nothing left to give back: what is at work
            # is killed, and whoever waits for the client to exit does not wait for Celery to say goodbye
            self._end(at_once=until_stdin_closes)

    def _start(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> None:
        self._processes[name] = subprocess.Popen(
            command,
            cwd=self._run_dir,  # `celery -A` puts its directory first on the path
            env={**self._environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # a group of its own, so that its children can be ended with it
            preexec_fn=_begin_drawing if name == "render" else die_with_parent,  # safe: one thread is here
        )

    def _start_what_waits(self) -> None:
        """Start it once a worker that detects takes parts, as its first pulse says, or takes too long to."""
        is_time = time.monotonic() >= self._waits_until
        if self._waiting and (is_time or any(pulse.exists() for pulse in self._pulses.values())):
            for name, worker in self._waiting.items():
                self._start(name, worker.command, worker.environment)
            self._workers |= self._waiting
            self._waiting = {}

    def _is_healthy(self) -> bool:
        """Whether Redis runs and the workers do, which are restarted a few times."""
        if self._processes["redis"].poll() is not None:
            return False
        return all(self._is_running(name, worker) for name, worker in self._workers.items())

    def _is_running(self, name: str, worker: "_Worker") -> bool:
        if self._processes[name].poll() is None:
            return True
        worker.restarts_left -= 1
        if worker.restarts_left >= 0 and self._processes[name].returncode < 0:  # killed, not refused
            self._start(name, worker.command, worker.environment)
            return True
        return False

    def _end(self, *, at_once: bool) -> None:
        """End all, Redis last, and remove what they left."""
        for name in ("flower", "reconciler", *self._workers, "redis"):
            wait_seconds = 2.0 if name in ("flower", "reconciler") else 3.0
            if name in self._processes:
                _end_group(self._processes[name], 0 if at_once else wait_seconds)
        shutil.rmtree(self._run_dir, ignore_errors=True)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True


def _begin_drawing() -> None:
    """In the child, before it becomes the worker that draws."""
    die_with_parent()
    os.nice(_RENDER_NICENESS)


def _stdin_closed(timeout_seconds: float) -> bool:
    """Wait for the other end of the standard input to close, for a while."""
    readable, _, _ = select.select([0], [], [], timeout_seconds)
    return bool(readable) and os.read(0, 1) == b""


def _end_group(process: "subprocess.Popen[bytes]", wait_seconds: float) -> None:
    """Ask the process to end, if an answer is waited for, then kill its whole group."""
    if wait_seconds > 0:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(wait_seconds)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main() -> int:
    """Run from `LocalStack.start`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run-dir", type=Path, required=True)
    parser.add_argument("--log-level", required=True)
    parser.add_argument("--flower-port", type=int)
    parser.add_argument("--until-stdin-closes", action="store_true")
    parser.add_argument("--detect-first", action="store_true", help="what draws waits for what detects")
    parser.add_argument("--workers", type=int, help="how many detect; one a GPU where nothing is said")
    arguments = parser.parse_args()
    supervisor = Supervisor(
        arguments.run_dir,
        log_level=arguments.log_level,
        flower_port=arguments.flower_port,
        detectors=detect_workers(
            arguments.workers, visible_gpus(), cpu_threads=os.environ.get("HORATIO_CPU_THREADS", "0")
        ),
        detect_first=arguments.detect_first and usable_cores() < _CORES_FOR_ALL_AT_ONCE,
    )
    return supervisor.run(until_stdin_closes=arguments.until_stdin_closes)


if __name__ == "__main__":
    sys.exit(main())
