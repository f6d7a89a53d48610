"""Real Redis, real storage, real worker processes, the real client."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from api_client import Client, Settings
from tests.clips import write_clip
from tests.waiting import wait_until

REPOSITORY = Path(__file__).parents[3]
COLOURS = "python:tests.colour_detector:load"
"""A detector that finds blobs of colour: a real function of the pixels that needs no weights."""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Sixty frames in five groups: a red and a blue square cross a grey field."""
    return write_clip(tmp_path / "squares.mp4", frames=60, gop=12)


@pytest.fixture
def settings(broker_url: str, tmp_path: Path) -> Settings:
    """A cluster on this machine: a broker of its own and a directory as storage."""
    return Settings.load(
        broker_url=broker_url,
        store_url=str(tmp_path / "store"),
        home=tmp_path / "home",
        chunk_frames=12,
        allow_python_detectors=True,
        device="cpu",
        cpu_threads=1,
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[Client]:
    with Client(settings) as client:
        yield client


@contextmanager
def running_worker(
    settings: Settings, name: str, queues: str = "detect,control"
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process as in production, in a group of its own."""
    command = [
        *(sys.executable, "-m", "celery", "-A", "workers.boot", "worker", "-Q", queues, "-n", f"{name}@%h"),
        *("-c", "1", "-P", "prefork", "--without-mingle", "--without-gossip"),
    ]
    environment = {
        **os.environ,
        **settings.to_environment(),
        "PYTHONPATH": str(REPOSITORY),
        "OMP_NUM_THREADS": "1",
    }
    log = settings.home / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def start_workers(settings: Settings) -> Iterator[Callable[..., list[subprocess.Popen[bytes]]]]:
    """Start so many workers, and return once they are ready; they end with the test."""
    with ExitStack() as stack:

        def start(count: int = 1, **options: str) -> list[subprocess.Popen[bytes]]:
            names = [f"worker{number}" for number in range(count)]
            workers = [stack.enter_context(running_worker(settings, name, **options)) for name in names]
            wait_until(
                lambda: all(b" ready." in (settings.home / f"{name}.log").read_bytes() for name in names),
                timeout_seconds=60,
                description=f"{count} workers to be ready",
            )
            return workers

        yield start
