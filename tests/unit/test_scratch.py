"""What a killed process leaves is swept away; what a live one uses is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api_client.scratch import scratch_directory, sweep_scratch

HOLD = """
import sys, time
from api_client.scratch import scratch_directory
with scratch_directory("test") as directory:
    print(directory, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_directory_goes_with_all_that_is_in_it(temporary: Path) -> None:
    with scratch_directory("test") as directory:
        (directory / "file").write_text("x")

    assert list(temporary.iterdir()) == []


def test_only_what_a_killed_process_left_is_swept(temporary: Path) -> None:
    environment = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().decode().strip())
        assert sweep_scratch() == 0
        process.kill()
        process.wait()

    with scratch_directory("live") as live:
        assert sweep_scratch() == 1

        assert (left.exists(), live.exists()) == (False, True)


def test_a_link_is_not_followed(temporary: Path) -> None:
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".lock").touch()
    (temporary / "horatio-scratch-link").symlink_to(elsewhere)

    assert sweep_scratch() == 0
    assert (elsewhere / ".lock").exists()
