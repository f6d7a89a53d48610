"""Real Redis, real storage, real worker processes, the real client."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

import pytest

from api_client import Client, Settings
from tests.clips import write_clip
from tests.servers.worker import running_worker

StartWorker = Callable[[str], "Popen[bytes]"]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Sixty frames in five groups: a red and a blue square cross a grey field."""
    return write_clip(tmp_path / "squares.mp4", frames=60, gop=12)


def cluster_settings(broker_url: str, directory: Path) -> Settings:
    """A cluster on this machine, with a directory as storage."""
    return Settings.load(
        broker_url=broker_url,
        store_url=str(directory / "store"),
        home=directory / "home",
        chunk_frames=12,
        allow_python_detectors=True,
        device="cpu",
        cpu_threads=1,
    )


@pytest.fixture
def settings(broker_url: str, tmp_path: Path) -> Settings:
    """A cluster of the test's own."""
    return cluster_settings(broker_url, tmp_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[Client]:
    with Client(settings) as client:
        yield client


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[StartWorker]:
    """Start workers of the test's own, which end with it."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(running_worker(settings, name))
