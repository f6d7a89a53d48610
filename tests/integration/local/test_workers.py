"""A local stack with several workers that detect, each with a device of its own."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from api_client.contract import ChunkMarker
from tests.integration.jobs.results import COLOURS
from tests.integration.local.conftest import RunClient
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes through /proc"
)


def workers_of(home: Path) -> dict[str, tuple[int, str]]:
    """Celery's name of each parent of a pool that detects → (process, the GPUs it sees)."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text().split("\0")
            pairs = [word.partition("=") for word in (process / "environ").read_text().split("\0")]
        except OSError:  # ended meanwhile, or not ours
            continue
        environment = {name: value for name, _, value in pairs}
        if environment.get("HORATIO_HOME") == str(home) and "detect" in words and "-n" in words:
            name = words[words.index("-n") + 1]
            found[name] = (int(process.name), environment.get("CUDA_VISIBLE_DEVICES", ""))
    return found


def test_each_gpu_has_a_worker_of_its_own_and_each_is_restarted(
    run_client: RunClient, clip: Path, tmp_path: Path, leftovers: Callable[[], list[str]], free_port: int
) -> None:
    home = tmp_path / "home"
    gpus = {"HORATIO_DEVICE": "auto", "CUDA_VISIBLE_DEVICES": "0,1", "HORATIO_FLOWER_PORT": str(free_port)}
    started = run_client("up", **gpus)  # torch finds no GPU behind the numbers, and takes the CPU
    try:
        assert started.returncode == 0, started.stderr
        before = workers_of(home)
        assert {name: gpu for name, (_, gpu) in before.items()} == {
            "detect-cuda0@%h": "0",
            "detect-cuda1@%h": "1",
        }
        for pid, _ in before.values():
            os.kill(pid, signal.SIGKILL)
        wait_until(
            lambda: len(workers_of(home)) == 2 and not set(before.values()) & set(workers_of(home).values()),
            timeout_seconds=20,
            description="both workers to be restarted",
        )
        assert {gpu for _, gpu in workers_of(home).values()} == {"0", "1"}
        assert run_client("submit", clip, "-v", "red", "-d", COLOURS).returncode == 0
        refused = run_client("up", "--workers", "2")
        assert (refused.returncode, "`client down`" in refused.stderr) == (2, True)
    finally:
        run_client("down")

    markers = [
        ChunkMarker.from_bytes(path.read_bytes()) for path in home.glob("store/jobs/*/detect/*/done.json")
    ]
    assert markers
    assert all(marker.worker.startswith("detect-cuda") for marker in markers)
    assert leftovers() == []
