"""How many workers a local stack has, and which device each sees."""

from pathlib import Path

import click
import pytest

from api_client.cli.stack import WorkerCount
from api_client.local.detect_workers import detect_workers
from api_client.local.gpus import visible_gpus

CUDA = "CUDA_VISIBLE_DEVICES"


def names(wanted: int | None, gpus: list[str]) -> list[str]:
    return [worker.name for worker in detect_workers(wanted, gpus)]


def test_each_gpu_has_a_worker_that_sees_no_other() -> None:
    workers = detect_workers(None, ["0", "1", "GPU-ab12"])

    seen = {worker.name: dict(worker.environment) for worker in workers}
    assert seen == {
        "detect-cuda0": {CUDA: "0"},
        "detect-cuda1": {CUDA: "1"},
        "detect-cuda2": {CUDA: "GPU-ab12"},
    }


def test_without_a_gpu_there_is_one_worker_as_ever() -> None:
    (worker,) = detect_workers(None, [])

    assert (worker.name, dict(worker.environment)) == ("detect", {})


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (1, ["detect-cuda0"]),
        (2, ["detect-cuda0", "detect-cuda1"]),
        (5, ["detect-cuda0", "detect-cuda1", "detect-cuda0-2", "detect-cuda1-2", "detect-cuda0-3"]),
    ],
)
def test_a_number_of_workers_is_spread_over_the_gpus(wanted: int, expected: list[str]) -> None:
    assert names(wanted, ["0", "1"]) == expected


def test_workers_on_a_cpu_share_its_cores() -> None:
    workers = detect_workers(3, [], cores=8)

    assert [worker.name for worker in workers] == ["detect-cpu0", "detect-cpu1", "detect-cpu2"]
    assert {worker.environment["HORATIO_CPU_THREADS"] for worker in workers} == {"2"}


def test_threads_that_were_asked_for_are_kept() -> None:
    (first, _) = detect_workers(2, [], cpu_threads="6", cores=8)

    assert first.environment["HORATIO_CPU_THREADS"] == "6"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ["0", "1"]),
        ({CUDA: "1"}, ["1"]),
        ({CUDA: "GPU-ab12, MIG-cd34"}, ["GPU-ab12", "MIG-cd34"]),
        ({CUDA: ""}, []),
        ({CUDA: "0,-1,1"}, ["0"]),
        ({"HORATIO_DEVICE": "cpu"}, []),
        ({"HORATIO_DEVICE": "cuda:1"}, []),
    ],
)
def test_gpus_are_those_a_process_may_use(
    tmp_path: Path, environment: dict[str, str], expected: list[str]
) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()

    assert visible_gpus(environment, tmp_path, computes=True) == expected


def test_a_gpu_nothing_can_compute_on_is_none(tmp_path: Path) -> None:
    (tmp_path / "nvidia0").touch()

    assert visible_gpus({}, tmp_path, computes=False) == []


@pytest.mark.parametrize(("text", "count"), [("auto", None), ("1", 1), ("64", 64)])
def test_numbers_of_workers(text: str, count: int | None) -> None:
    assert WorkerCount().convert(text, None, None) == count


@pytest.mark.parametrize("text", ["0", "65", "-1", "two", "1.5", "9" * 5000])
def test_what_is_no_number_of_workers_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no number of workers"):
        WorkerCount().convert(text, None, None)
