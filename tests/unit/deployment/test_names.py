"""Every name in docker/ and k8s/ that is a name in the code is the code's name."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from api_client.contract.stages import Stage
from api_client.local.processes import detect_worker_command, render_worker_command
from api_client.queue.celery_app import TASK_QUEUES
from api_client.queue.items import QUEUES, outstanding_list
from tasks.telemetry.metrics import QueueMetrics, WorkerMetrics
from tasks.telemetry.report import ChunkReport, DeviceReport
from tests.unit.deployment.commands import check, queues
from tests.unit.deployment.rendered import (
    OVERLAYS,
    REPOSITORY,
    compose,
    example_environment,
    named,
    of_kind,
    our_pods,
    rendered,
    settings_of,
)

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
SCALED = ("cpu", "gpu")
_SAY_WHAT_IS_GIVEN = """
import json, workers.celery_worker as started

class Worker:
    exitcode = 0
    def __init__(self, **options): print(json.dumps(options))
    def start(self): pass

started.app.Worker = Worker
started.main()
"""


@every_overlay
def test_settings_of_every_pod_can_be_read(overlay: str) -> None:
    for pod in our_pods(overlay):
        settings = settings_of(pod.environment)

        assert settings.log_format == "json"
        assert not settings.is_local


def test_settings_in_compose_can_be_read() -> None:
    for service in compose()["services"].values():
        if service["image"].startswith("horatio-"):
            assert not settings_of(service["environment"]).is_local


def test_a_client_beside_compose_reads_the_example_and_means_the_same_servers() -> None:
    ours = settings_of(example_environment())
    theirs = settings_of(compose()["services"]["control"]["environment"])

    assert ours.store_url == theirs.store_url
    assert ours.s3_access_key_id == theirs.s3_access_key_id
    assert ours.s3_secret_access_key == theirs.s3_secret_access_key
    assert ours.visibility_timeout_seconds == theirs.visibility_timeout_seconds
    assert ours.broker_url is not None
    assert example_environment()["REDIS_PASSWORD"] in ours.broker_url.get_secret_value()


@every_overlay
def test_every_command_of_a_pod_is_understood(overlay: str) -> None:
    for pod in our_pods(overlay):
        check(pod.command)
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if "exec" in pod.container.get(probe, {}):
                check(pod.container[probe]["exec"]["command"])


@every_overlay
def test_every_queue_has_its_workers(overlay: str) -> None:
    taken = [queue for pod in our_pods(overlay) for queue in queues(pod.command)]

    assert sorted(taken) == sorted(set(TASK_QUEUES.values()))


@every_overlay
def test_compose_and_kubernetes_run_the_same_commands(overlay: str) -> None:
    services = compose()["services"]

    for pod in our_pods(overlay):
        if pod.owner != "clean-up":
            assert services[pod.owner]["command"] == pod.command


def test_workers_run_with_the_options_of_the_local_stack() -> None:
    local = _given_to_celery(detect_worker_command(log_level="INFO"))
    command = compose()["services"]["detect"]["command"]
    program, options = command[:4], command[4:]

    assert command == compose()["services"]["detect-gpu"]["command"]
    assert program == ["celery", "-A", "workers.boot", "worker"]
    for word in options:
        name, _, value = word.removeprefix("--").partition("=")
        if name not in ("queues", "hostname", "loglevel"):
            assert str(local[name.replace("-", "_")]) == (value or "True")


def _given_to_celery(command: list[str]) -> dict[str, Any]:
    """What a local worker is made with, by what it is called on Celery's command line."""
    arguments = command[command.index("workers.celery_worker") + 1 :]
    made = subprocess.run(
        [sys.executable, "-c", _SAY_WHAT_IS_GIVEN, *arguments], capture_output=True, text=True, check=True
    )
    given = json.loads(made.stdout)
    return {**given, "pool": given["pool_cls"]}


def test_the_local_stack_has_workers_for_every_queue() -> None:
    commands = (detect_worker_command(log_level="INFO"), render_worker_command(log_level="INFO", processes=2))
    taken = [queue for command in commands for queue in command[command.index("-Q") + 1].split(",")]

    assert sorted(taken) == sorted(set(QUEUES.values()))


@every_overlay
def test_the_metrics_port_is_one_number(overlay: str) -> None:
    objects = rendered(overlay)
    policy = named(objects, "NetworkPolicy", "metrics")["spec"]["ingress"][0]["ports"][0]["port"]

    for pod in our_pods(overlay):
        ports = {p["name"]: p["containerPort"] for p in pod.container.get("ports", ())}
        if "metrics" in ports:
            assert ports["metrics"] == policy == settings_of(pod.environment).metrics_port
    for monitor in of_kind(objects, "PodMonitor"):
        assert monitor["spec"]["podMetricsEndpoints"][0]["port"] == "metrics"


@pytest.mark.parametrize(
    ("name", "stages"), [("detect", (Stage.DETECT, Stage.EMBED)), ("render", (Stage.RENDER, Stage.ASK))]
)
@pytest.mark.parametrize("overlay", SCALED)
def test_the_autoscaler_watches_our_lists_in_our_redis(
    overlay: str, name: str, stages: tuple[Stage, ...]
) -> None:
    objects = rendered(overlay)
    spec = named(objects, "ScaledObject", name)["spec"]
    redis = named(objects, "Service", "redis")
    address = f"redis.{redis['metadata']['namespace']}.svc.cluster.local:{redis['spec']['ports'][0]['port']}"

    assert {trigger["metadata"]["listName"] for trigger in spec["triggers"]} == set(
        map(outstanding_list, stages)
    )
    assert {trigger["metadata"]["address"] for trigger in spec["triggers"]} == {address}
    for trigger in spec["triggers"]:
        named(objects, "TriggerAuthentication", trigger["authenticationRef"]["name"])
    target = named(objects, "Deployment", spec["scaleTargetRef"]["name"])
    assert "replicas" not in target["spec"]


@every_overlay
def test_only_the_pods_that_need_storage_may_reach_it(overlay: str) -> None:
    policy = named(rendered(overlay), "NetworkPolicy", "to-storage")
    reaching = set(policy["spec"]["podSelector"]["matchExpressions"][0]["values"])

    assert reaching == {"detect", "render", "control", "reconciler", "clean-up"}


def metric_names() -> set[str]:
    """Every metric a worker can show."""
    registry = CollectorRegistry()
    metrics = WorkerMetrics(registry)
    metrics.add(DeviceReport(batch_frames=1, memory_bytes=1))
    metrics.add(
        ChunkReport(
            stage="detect",
            outcome="done",
            frames=1,
            detections=1,
            unreadable_frames=0,
            retries=0,
            seconds_by_stage={"put": 1},
        )
    )
    shown = set(re.findall(r"^(horatio_\w+)", generate_latest(registry).decode(), re.MULTILINE))
    return shown | QueueMetrics.NAMES


def test_dashboard_and_alerts_ask_for_metrics_that_exist() -> None:
    directory = REPOSITORY / "k8s/components/monitoring"
    dashboard = json.loads((directory / "dashboard.json").read_text())
    rules = yaml.safe_load((directory / "rules.yaml").read_text())["spec"]["groups"][0]["rules"]
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    queries += [rule["expr"] for rule in rules]

    asked = {name for query in queries for name in re.findall(r"horatio_\w+", query)}

    assert asked <= metric_names()
    assert all("horatio_" in query for query in queries)
