"""What a worker needs to have a GPU, to be left alone while it works, and to be seen as dead when it is."""

import pytest

from tests.unit.deployment.rendered import OVERLAYS, Object, Pod, compose, our_pods


def detect(overlay: str) -> Pod:
    (found,) = [pod for pod in our_pods(overlay) if pod.owner == "detect"]
    return found


def test_it_asks_for_one_gpu_and_may_run_where_gpus_are() -> None:
    worker = detect("gpu")
    resources = worker.container["resources"]

    assert resources["limits"]["nvidia.com/gpu"] == resources["requests"]["nvidia.com/gpu"] == "1"
    assert worker.spec["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    ]
    assert worker.container["image"].partition(":")[0].endswith("worker-gpu")
    assert worker.environment["HORATIO_DEVICE"] == "cuda"


@pytest.mark.parametrize("overlay", ["local", "cpu"])
def test_without_gpus_nothing_asks_for_one(overlay: str) -> None:
    worker = detect(overlay)

    assert "nvidia.com/gpu" not in worker.container["resources"]["limits"]
    assert worker.environment["HORATIO_DEVICE"] == "cpu"


def test_compose_gives_its_gpu_worker_this_machines_gpu() -> None:
    services = compose()["services"]
    (device,) = services["detect-gpu"]["deploy"]["resources"]["reservations"]["devices"]

    assert (device["driver"], device["count"], device["capabilities"]) == ("nvidia", 1, ["gpu"])
    assert services["detect-gpu"]["environment"]["HORATIO_DEVICE"] == "cuda"
    assert (services["detect"]["profiles"], services["detect-gpu"]["profiles"]) == (["cpu"], ["gpu"])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_torch_has_shared_memory(overlay: str) -> None:
    worker = detect(overlay)
    (name,) = [m["name"] for m in worker.container["volumeMounts"] if m["mountPath"] == "/dev/shm"]
    (volume,) = [v["emptyDir"] for v in worker.spec["volumes"] if v["name"] == name]

    assert volume == {"medium": "Memory", "sizeLimit": "1Gi"}
    assert compose()["services"]["detect"]["shm_size"] == "1gb"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_of_workers_do_not_ask_the_worker(overlay: str) -> None:
    workers = [pod for pod in our_pods(overlay) if pod.owner in {"detect", "control"}]
    assert len(workers) == 2

    for pod in workers:
        for probe in (pod.container["startupProbe"], pod.container["livenessProbe"]):
            assert probe["exec"]["command"] == ["python", "-m", "tasks.telemetry.pulse"]
        assert "readinessProbe" not in pod.container


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_worker_has_ten_minutes_to_load_its_model_and_five_to_be_declared_dead(overlay: str) -> None:
    container = detect(overlay).container

    assert _wait_seconds(container["startupProbe"]) >= 600
    assert _wait_seconds(container["livenessProbe"]) >= 300


def _wait_seconds(probe: Object) -> int:
    return int(probe["periodSeconds"]) * int(probe["failureThreshold"])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_node_is_saved_by_moving_a_worker_that_works(overlay: str) -> None:
    for pod in our_pods(overlay):
        if pod.owner in {"detect", "control"}:
            assert pod.annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"
