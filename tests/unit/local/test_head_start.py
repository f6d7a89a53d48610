"""What looks at frames starts before what draws them, where that is asked for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_until

SUPERVISED = """
import sys
from pathlib import Path
from api_client.local import supervisor
from api_client.local.detect_workers import DetectWorker

here, detect_first, longest_seconds = Path(sys.argv[1]), sys.argv[2] == "first", float(sys.argv[3])
supervisor._LONGEST_HEAD_START_SECONDS = longest_seconds
supervisor.redis_command = lambda _: ["sleep", "60"]
detecting = f"touch {here}/begun; read _ < {here}/gate; touch $HORATIO_PULSE_FILE; sleep 60"
supervisor.detect_worker_command = lambda **_: ["sh", "-c", detecting]
supervisor.render_worker_command = lambda **_: ["sh", "-c", f"touch {here}/draws; sleep 60"]
workers = [DetectWorker(name="detect")]
stack = supervisor.Supervisor(
    here / "run", log_level="INFO", flower_port=None, detectors=workers, detect_first=detect_first
)
sys.exit(stack.run(until_stdin_closes=True))
"""


class Stack:
    """A supervisor whose worker that detects is up once the gate is opened."""

    def __init__(self, here: Path, *arguments: str) -> None:
        self._here = here
        (here / "run").mkdir()
        os.mkfifo(here / "gate")
        command = [sys.executable, "-c", SUPERVISED, str(here), *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE)

    def has(self, name: str) -> bool:
        return (self._here / name).exists()

    def wait_for(self, name: str) -> None:
        wait_until(lambda: self.has(name), timeout_seconds=20, description=f"{name!r} to be there")

    def open_gate(self) -> None:
        (self._here / "gate").write_text("\n")


@pytest.fixture
def stack(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    started = Stack(tmp_path, *request.param)
    yield started
    started.process.communicate(timeout=20)  # closes its standard input
    assert started.process.returncode == 0


@pytest.mark.parametrize("stack", [("first", "60")], indirect=True)
def test_what_draws_starts_once_frames_can_be_looked_at(stack: Stack) -> None:
    stack.wait_for("begun")
    drew_early = stack.has("draws")

    stack.open_gate()

    stack.wait_for("draws")
    assert not drew_early


@pytest.mark.parametrize("stack", [("first", "0"), ("together", "60")], indirect=True)
def test_it_does_not_wait_for_ever_nor_where_nothing_is_to_be_looked_at(stack: Stack) -> None:
    stack.wait_for("draws")  # the gate stays shut
