"""Disks that fill up under a store, under a worker, and under a client."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.chaos.arena import BOUND_SECONDS, Arena, open_arena
from tests.chaos.case import Case
from tests.chaos.stages import REACHED_SECONDS

FULL_SECONDS = 6


@contextmanager
def _small_disk(path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", path], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


@pytest.fixture(scope="module")
def small_disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    directory = tmp_path_factory.mktemp("disks")
    with _small_disk(directory / "store") as store, _small_disk(directory / "tmp") as temporary:
        yield {"store": store, "tmp": temporary}


@pytest.fixture(scope="module")
def arena(small_disks: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """An arena whose store is a directory, and whose disks are small."""
    directory = tmp_path_factory.mktemp("arena")
    with open_arena(
        directory, s3=None, store_url=str(small_disks["store"]), temporary=small_disks["tmp"]
    ) as arena:
        for name in ("first", "second"):
            arena.crew.start(name)
        arena.wait_until_idle()
        undisturbed = arena.submit(arena.undisturbed).wait(120)
        assert undisturbed.status == 0, undisturbed.errors
        arena.reset(after_failure=False)
        yield arena


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    """Nothing more fits on it meanwhile."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65_536))
    try:
        yield
    finally:
        filler.unlink()


@pytest.mark.parametrize("disk", ["store", "tmp"])
@pytest.mark.parametrize("stage", ["decode", "detect", "track"])
def test_a_disk_of_the_workers_is_full_for_a_while(
    case: Case, small_disks: dict[str, Path], stage: str, disk: str
) -> None:
    names = {"store": "the store's disk", "tmp": "the workers' temporary disk"}
    case.about(stage=stage, fault=f"{names[disk]} is full, {FULL_SECONDS} s")
    with case.arena.gate(stage) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        with _full(small_disks[disk]):
            held.release()
            time.sleep(FULL_SECONDS)
    case.succeeds(client)


def test_the_clients_disk_is_full(case: Case, small_disks: dict[str, Path]) -> None:
    case.about(stage="fetch by client", fault="the client's disk is full", result="exit 2, then identical")
    client = case.submit()
    assert client.wait(BOUND_SECONDS).status == 0
    fetch = ("fetch", case.arena.job_of(client), "-o")
    with _full(small_disks["tmp"]):
        ended = case.ends(case.arena.client(*fetch, small_disks["tmp"] / "results"), status=2)
    assert "free some" in ended.last_line

    case.succeeds(case.arena.client(*fetch, case.output))
