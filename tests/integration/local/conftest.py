"""`client` as a user runs it: a process of its own, with nothing configured."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import write_clip

REPOSITORY = Path(__file__).parents[3]
RunClient = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No Horatio setting but a home of the test's own, and leave to run the tests' detector."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HORATIO_")}
    return {
        **clean,
        "HORATIO_HOME": str(tmp_path / "home"),
        "HORATIO_ALLOW_PYTHON_DETECTORS": "1",
        "HORATIO_DEVICE": "cpu",
        "HORATIO_CHUNK_FRAMES": "12",
        "PYTHONPATH": str(REPOSITORY),
        "TMPDIR": str(_made(tmp_path / "tmp")),
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def start_client(environment: dict[str, str], tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Start `client ARGUMENTS` in an empty directory."""

    def start(*arguments: object, **changes: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "api_client.cli", *map(str, arguments)],
            cwd=_made(tmp_path / "here"),
            env={**environment, **changes},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # a shell's background job, as this test run may be one, ignores Ctrl-C, and so would its children
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


@pytest.fixture
def run_client(start_client: Callable[..., "subprocess.Popen[str]"]) -> RunClient:
    """Run `client ARGUMENTS` to its end."""

    def run(*arguments: object, **changes: str) -> "subprocess.CompletedProcess[str]":
        process = start_client(*arguments, **changes)
        output, errors = process.communicate(timeout=240)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    return run


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "squares.mp4", frames=60, gop=12)


@pytest.fixture
def leftovers(environment: dict[str, str]) -> Callable[[], list[str]]:
    """Processes and files of this test's stacks that are still there."""

    def find() -> list[str]:
        files = [path.name for path in Path(environment["TMPDIR"]).glob("horatio*")]
        return files + _commands_of(environment["HORATIO_HOME"])

    return find


def _commands_of(home: str) -> list[str]:
    """Command lines of living processes whose environment names this home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"HORATIO_HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # ended meanwhile, or not ours
            continue
    return [command for command in found if command]


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory
