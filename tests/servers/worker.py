"""A worker process as in production, in a process group of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api_client import Settings
from tests.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def running_worker(
    settings: Settings,
    name: str = "worker",
    *,
    app: str = "workers.boot",
    queues: str = "detect,render,control",
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a worker and wait until it is ready; end it gently, then by force."""
    command = [
        *(sys.executable, "-m", "celery", "-A", app, "worker", "-Q", queues, "-n", f"{name}@%h"),
        *("-c", "1", "-P", "prefork", "--without-mingle", "--without-gossip", "--loglevel", "INFO"),
    ]
    log = settings.home / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | settings.to_environment() | {"PYTHONPATH": str(REPOSITORY)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until(
            lambda: process.poll() is not None or b" ready." in log.read_bytes(),
            timeout_seconds=90,
            description=f"{name} to be ready",
        )
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
