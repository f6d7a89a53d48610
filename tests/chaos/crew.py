"""The worker processes of an arena: whatever ends is started again, as an orchestrator would."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.processes import children_of, family_of, send
from tests.servers.worker import REPOSITORY
from tests.waiting import wait_until

_READY_SECONDS = 90


@dataclass(kw_only=True)
class Worker:
    """One of them. Mutable: its process is another one after it was killed."""

    name: str
    command: Sequence[str]
    log: Path
    process: "subprocess.Popen[bytes]"
    log_begins: int = 0

    @property
    def is_ready(self) -> bool:
        return b" ready." in self.log.read_bytes()[self.log_begins :]

    def has_started(self) -> bool:
        """Whether it is ready and has a child; raise `RuntimeError` where it ended instead."""
        if self.process.poll() is not None:
            said = self.log.read_text(errors="replace")[self.log_begins :]
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{said[-2000:]}")
        return self.is_ready and bool(children_of(self.process.pid))

    @property
    def child(self) -> int:
        """The process that does the work."""
        return children_of(self.process.pid)[0]


class Crew:
    """A few workers that are reused from case to case. A context manager."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._environment = dict(environment)
        self.workers: dict[str, Worker] = {}

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers.values():
            self._end(worker)

    def start(
        self,
        name: str,
        *,
        app: str = "tests.chaos.boot",
        queues: str = "detect,render,control",
        options: Sequence[str] = (),
    ) -> Worker:
        """Start a worker; returns before it is ready."""
        command = [
            *(sys.executable, "-m", "celery", "-A", app, "worker", "-Q", queues, "-n", f"{name}@%h"),
            *(
                "-c",
                "1",
                "-P",
                "prefork",
                "--without-mingle",
                "--without-gossip",
                "--loglevel",
                "INFO",
                *options,
            ),
        ]
        log = self._directory / f"{name}.log"
        log.touch()
        worker = Worker(name=name, command=command, log=log, process=self._spawn(command, log))
        self.workers[name] = worker
        return worker

    def revive(self) -> None:
        """Start again what has ended; returns before it is ready."""
        for worker in self.workers.values():
            if worker.process.poll() is not None:
                self._reap(worker)
                worker.log_begins = worker.log.stat().st_size
                worker.process = self._spawn(worker.command, worker.log)

    def wait_until_ready(self) -> None:
        """Return once every worker takes work and has a child to do it."""
        self.revive()
        for worker in self.workers.values():
            wait_until(worker.has_started, _READY_SECONDS, description=f"{worker.name} to be ready")

    def of(self, pid: int) -> Worker:
        """Whose process it is, parent or child."""
        return next(worker for worker in self.workers.values() if pid in family_of(worker.process.pid))

    def remove(self, name: str) -> None:
        """End a worker for good."""
        self._end(self.workers.pop(name))

    def members(self) -> set[int]:
        """Every process that may be there."""
        return {pid for worker in self.workers.values() for pid in family_of(worker.process.pid)}

    def _spawn(self, command: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _end(self, worker: Worker) -> None:
        send(signal.SIGCONT, *family_of(worker.process.pid))
        worker.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            worker.process.wait(10)
        self._reap(worker)

    def _reap(self, worker: Worker) -> None:
        with suppress(ProcessLookupError):
            os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
