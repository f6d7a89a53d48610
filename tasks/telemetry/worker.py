"""What a worker shows of itself: metrics on a port, a pulse for probes, logs that name job and chunk.

Metrics are served by the parent of the pool, where `HORATIO_METRICS_PORT` says so, and add up what its
children report: a child may be killed at any moment, and counters must not go back.
"""

import logging
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from celery.signals import (
    heartbeat_sent,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_init,
    worker_ready,
)

from api_client.contract import ChunkMarker, ChunkSpec, Stage
from tasks.app import settings
from tasks.telemetry.log import begin_task, end_task, set_up_logging
from tasks.telemetry.pulse import touch
from tasks.telemetry.report import ChunkReport, DeviceReport, ReportPipe

if TYPE_CHECKING:
    from tasks.telemetry.metrics import WorkerMetrics

logger = logging.getLogger(__name__)
_pipes: list[ReportPipe] = []
"""One, in a worker that serves metrics; none elsewhere."""


def report_chunk(stage: Stage, chunk: ChunkSpec, marker: ChunkMarker) -> None:
    """Count a part that was committed. Does nothing outside of a worker that serves metrics."""
    for pipe in _pipes:
        pipe.send(ChunkReport.of(stage, chunk, marker))


def report_device(*, batch_frames: int, memory_bytes: int | None) -> None:
    """Say what this worker computes with; memory_bytes: the most allocated during a chunk, None on a CPU."""
    for pipe in _pipes:
        pipe.send(DeviceReport(batch_frames=batch_frames, memory_bytes=memory_bytes))


@worker_init.connect
def _lay_pipe(**_: object) -> None:
    """In the parent, before it forks."""
    if settings().metrics_port and not _pipes:
        _pipes.append(ReportPipe())


@worker_ready.connect
def _on_ready(**_: object) -> None:
    """Sent again after every reconnection."""
    if _pipes:
        _serve(settings().metrics_port)


@lru_cache(maxsize=1)
def _serve(port: int) -> None:
    from prometheus_client import CollectorRegistry, start_http_server  # deferred: most processes serve none

    from tasks.telemetry.metrics import QueueMetrics, WorkerMetrics

    registry = CollectorRegistry()
    metrics = WorkerMetrics(registry)
    registry.register(QueueMetrics(settings()))
    threading.Thread(target=_add_up, args=(_pipes[0], metrics), name="metrics", daemon=True).start()
    try:
        start_http_server(port, registry=registry)
    except OSError as error:
        logger.error("no metrics: port %d cannot be served (%s): set HORATIO_METRICS_PORT", port, error)


def _add_up(pipe: ReportPipe, metrics: "WorkerMetrics") -> None:
    for report in pipe.receive():
        metrics.add(report)


@heartbeat_sent.connect
def _beat(**_: object) -> None:
    pulse_file = settings().pulse_file
    if pulse_file is not None:
        touch(pulse_file)


@task_prerun.connect
def _begin(kwargs: Mapping[str, Any] | None = None, **_: object) -> None:
    begin_task(kwargs or {})


@task_postrun.connect
def _end(**_: object) -> None:
    end_task()


@setup_logging.connect
def _set_up_logging(**_: object) -> None:
    set_up_logging(settings())
