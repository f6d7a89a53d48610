"""Metrics, pulse and logs of a worker."""

import json
import logging
import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from api_client.contract import ChunkMarker, Stage
from api_client.queue.items import outstanding_list
from api_client.settings import Settings
from tasks.telemetry.log import AboutJob, JsonFormatter, begin_task, end_task
from tasks.telemetry.metrics import QueueMetrics, WorkerMetrics
from tasks.telemetry.pulse import STALE_SECONDS, is_alive, touch
from tasks.telemetry.report import ChunkReport, DeviceReport, ReportPipe
from tests.manifests import chunk

DONE = ChunkMarker(
    outcome="done",
    detection_count=7,
    unreadable_frames=(3,),
    attempts=2,
    worker="host:1",
    seconds_by_stage={"detect": 1.5},
)
FAILED = ChunkMarker(outcome="failed", reason="every worker that tried it died", attempts=3, worker="host:1")


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def test_chunks_are_counted_by_how_they_ended(registry: CollectorRegistry) -> None:
    metrics = WorkerMetrics(registry)

    for marker in (DONE, DONE, FAILED):
        metrics.add(ChunkReport.of(Stage.DETECT, chunk(0, range(10)), marker))

    value = registry.get_sample_value
    assert value("horatio_chunks_total", {"stage": "detect", "outcome": "done"}) == 2
    assert value("horatio_chunks_total", {"stage": "detect", "outcome": "failed"}) == 1
    detected = {"stage": "detect"}
    frames = (value("horatio_frames_total", detected), value("horatio_gap_frames_total", detected))
    assert frames == (20, 10)
    assert value("horatio_chunks_total", {"stage": "render", "outcome": "done"}) == 0
    assert (value("horatio_detections_total"), value("horatio_unreadable_frames_total")) == (14, 2)
    assert value("horatio_retries_total") == 4
    assert value("horatio_step_seconds_total", {"stage": "detect", "step": "detect"}) == 3.0


def test_a_cpu_has_no_device_memory_to_show(registry: CollectorRegistry) -> None:
    metrics = WorkerMetrics(registry)

    metrics.add(DeviceReport(batch_frames=8, memory_bytes=None))
    assert registry.get_sample_value("horatio_device_memory_bytes") is None

    metrics.add(DeviceReport(batch_frames=16, memory_bytes=2**30))
    assert registry.get_sample_value("horatio_batch_frames") == 16
    assert registry.get_sample_value("horatio_device_memory_bytes") == 2**30


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # as Celery's pool does it
def test_the_parent_hears_from_a_child_that_is_killed_right_after() -> None:
    pipe = ReportPipe()
    report = ChunkReport.of(Stage.DETECT, chunk(0, range(10)), DONE)
    pid = os.fork()
    if pid == 0:
        pipe.send(report)
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)

    assert next(pipe.receive()) == report


def test_a_parent_that_does_not_listen_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    pipe = ReportPipe()
    report = DeviceReport(batch_frames=1, memory_bytes=None)

    while not caplog.records:
        pipe.send(report)

    assert "pipe is full" in caplog.text
    assert next(pipe.receive()) == report


def test_queue_lengths_are_asked_for_when_somebody_looks(
    broker_url: str, registry: CollectorRegistry
) -> None:
    metrics = QueueMetrics(Settings.load(broker_url=broker_url))
    registry.register(metrics)
    metrics.redis.rpush(outstanding_list(Stage.RENDER), "a/0", "a/1")
    metrics.redis.rpush("control", "message")

    value = registry.get_sample_value
    assert (value("horatio_outstanding_chunks", {"stage": "render"}), value("horatio_broker_up")) == (2, 1)
    assert value("horatio_queue_length", {"queue": "control"}) == 1
    assert value("horatio_queue_length", {"queue": "detect"}) == 0


def test_metrics_of_a_worker_without_redis_say_so_and_no_more(
    free_port: int, registry: CollectorRegistry
) -> None:
    registry.register(QueueMetrics(Settings.load(broker_url=f"redis://127.0.0.1:{free_port}")))

    assert registry.get_sample_value("horatio_broker_up") == 0
    assert registry.get_sample_value("horatio_outstanding_chunks", {"stage": "detect"}) is None


def test_a_worker_is_alive_while_its_pulse_is_fresh(tmp_path: Path, broker_url: str) -> None:
    settings = Settings.load(broker_url=broker_url, pulse_file=tmp_path / "pulse")
    assert not is_alive(settings)

    touch(tmp_path / "pulse")
    assert is_alive(settings)

    old = (tmp_path / "pulse").stat().st_mtime - STALE_SECONDS - 1
    os.utime(tmp_path / "pulse", (old, old))
    assert not is_alive(settings)


def test_a_worker_that_waits_for_redis_is_left_alone(tmp_path: Path, free_port: int) -> None:
    settings = Settings.load(broker_url=f"redis://127.0.0.1:{free_port}", pulse_file=tmp_path / "pulse")

    assert is_alive(settings)


def record(message: str, *args: object) -> logging.LogRecord:
    made = logging.LogRecord("tasks", logging.INFO, __file__, 1, message, args, None)
    AboutJob().filter(made)
    return made


def test_lines_of_a_task_name_its_job_and_chunk() -> None:
    begin_task({"job_id": "walk-9f3c", "index": 3})
    inside = record("loading the detector")
    end_task()
    outside = record("ready")

    assert json.loads(JsonFormatter().format(inside))["job"] == "walk-9f3c"
    assert json.loads(JsonFormatter().format(inside))["chunk"] == 3
    assert vars(inside)["about"] == " [job walk-9f3c chunk 3]"
    assert "job" not in json.loads(JsonFormatter().format(outside))
    assert vars(outside)["about"] == ""


def test_celerys_own_lines_in_the_parent_name_them_too() -> None:
    context = {"name": "horatio.detect", "id": "1", "kwargs": "chunk 0 of job walk-9f3c"}

    line = json.loads(JsonFormatter().format(record("Task %(name)s[%(id)s] received", context)))

    assert (line["job"], line["chunk"]) == ("walk-9f3c", 0)
    assert line["message"] == "Task horatio.detect[1] received"


def test_a_traceback_stays_one_line() -> None:
    try:
        raise ValueError("too wide")
    except ValueError as error:
        made = record("failed")
        made.exc_info = (ValueError, error, error.__traceback__)

    text = JsonFormatter().format(made)

    assert "\n" not in text
    assert "too wide" in json.loads(text)["traceback"]
