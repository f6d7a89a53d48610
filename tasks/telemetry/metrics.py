"""The metrics themselves, as Prometheus reads them. They live in the parent of a worker's pool."""

from collections.abc import Iterator, Mapping

import redis
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api_client.contract.stages import BY_PART
from api_client.queue.broker import connect
from api_client.queue.celery_app import TASK_QUEUES
from api_client.queue.items import SCALED, outstanding_list
from api_client.settings import Settings
from tasks.telemetry.report import ChunkReport, DeviceReport, Report
from tasks.transport import DEAD_LETTERS


class WorkerMetrics:
    """What one worker did since it started."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._chunks = Counter(
            "horatio_chunks", "Chunks this worker finished", ["stage", "outcome"], registry=registry
        )
        self._frames = Counter(
            "horatio_frames", "Frames of chunks that are done", ["stage"], registry=registry
        )
        self._gap_frames = Counter(
            "horatio_gap_frames", "Frames of chunks given up", ["stage"], registry=registry
        )
        self._unreadable = Counter(
            "horatio_unreadable_frames", "Frames the decoder could not produce", registry=registry
        )
        self._detections = Counter("horatio_detections", "Detections logged", registry=registry)
        self._retries = Counter(
            "horatio_retries", "Earlier attempts at chunks that are finished now", registry=registry
        )
        self._step_seconds = Counter(
            "horatio_step_seconds", "Busy time of each step of a stage", ["stage", "step"], registry=registry
        )
        self._registry = registry
        self._gauges: dict[str, Gauge] = {}
        for stage in BY_PART:  # a rate needs the zero it rises from
            for outcome in ("done", "failed"):
                self._chunks.labels(stage, outcome)
            self._frames.labels(stage)
            self._gap_frames.labels(stage)

    def add(self, report: Report) -> None:
        """Count what a child reports."""
        if isinstance(report, DeviceReport):
            self._set_device(report)
        else:
            self._add_chunk(report)

    def _add_chunk(self, report: ChunkReport) -> None:
        self._chunks.labels(report.stage, report.outcome).inc()
        frames = self._frames if report.outcome == "done" else self._gap_frames
        frames.labels(report.stage).inc(report.frames)
        self._unreadable.inc(report.unreadable_frames)
        self._detections.inc(report.detections)
        self._retries.inc(report.retries)
        for step, seconds in report.seconds_by_stage.items():
            self._step_seconds.labels(report.stage, step).inc(seconds)

    def _set_device(self, report: DeviceReport) -> None:
        """Made when first known: a control worker has no batch, and a CPU no memory of its own."""
        self._gauge("horatio_batch_frames", "Frames the detector looks at at once").set(report.batch_frames)
        if report.memory_bytes is not None:
            self._gauge(
                "horatio_device_memory_bytes", "Most memory allocated on the device during the last chunk"
            ).set(report.memory_bytes)

    def _gauge(self, name: str, description: str) -> Gauge:
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, description, registry=self._registry)
        return self._gauges[name]


class QueueMetrics(Collector):
    """What Redis says at the moment of the scrape; every worker gives the same answer."""

    NAMES = frozenset(
        {"horatio_broker_up", "horatio_dead_letters", "horatio_outstanding_chunks", "horatio_queue_length"}
    )

    def __init__(self, settings: Settings) -> None:
        self.redis = connect(settings, retries=0)

    def describe(self) -> list[Metric]:
        """Registering asks nobody anything."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the lengths; without Redis, only that it is away."""
        queue_names = sorted(set(TASK_QUEUES.values()))
        try:
            dead_letters = self.redis.llen(DEAD_LETTERS)
            outstanding = {str(stage): self.redis.llen(outstanding_list(stage)) for stage in SCALED}
            lengths = {name: self.redis.llen(name) for name in queue_names}
        except redis.RedisError:
            yield GaugeMetricFamily("horatio_broker_up", "Whether this worker reaches Redis", value=0)
            return
        yield GaugeMetricFamily("horatio_broker_up", "Whether this worker reaches Redis", value=1)
        yield _by_label(
            "horatio_outstanding_chunks", "Chunks enqueued and not yet committed", "stage", outstanding
        )
        yield GaugeMetricFamily(
            "horatio_dead_letters", "What was in a queue and is no message", value=dead_letters
        )
        yield _by_label("horatio_queue_length", "Messages that no worker has taken yet", "queue", lengths)


def _by_label(name: str, description: str, label: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, description, labels=[label])
    for value_of, value in values.items():
        family.add_metric([value_of], value)
    return family
