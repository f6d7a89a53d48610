"""One formula: chunk bound < grace < time to end < visibility timeout."""

import pytest

from api_client.queue.celery_app import celery_config
from tests.unit.deployment.rendered import OVERLAYS, compose, our_pods, settings_of

CHUNK_BOUND_SECONDS = 60
HANDING_BACK_SECONDS = 60


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_worker_in_a_cluster_can_end_its_chunk_or_give_it_back(overlay: str) -> None:
    (detect,) = [pod for pod in our_pods(overlay) if pod.owner == "detect"]
    settings = settings_of(detect.environment)

    assert settings.shutdown_grace_seconds >= 2 * CHUNK_BOUND_SECONDS
    assert (
        settings.shutdown_grace_seconds + HANDING_BACK_SECONDS == detect.spec["terminationGracePeriodSeconds"]
    )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nobody_is_handed_a_chunk_that_is_still_being_worked_on(overlay: str) -> None:
    for pod in our_pods(overlay):
        config = celery_config(settings_of(pod.environment))
        visibility = config["broker_transport_options"]["visibility_timeout"]

        assert pod.spec.get("terminationGracePeriodSeconds", 30) < config["task_time_limit"] < visibility


def test_compose_has_the_same_times_as_the_cluster() -> None:
    for pod in our_pods("cpu"):
        service = compose()["services"].get(pod.owner)
        if service is not None and "stop_grace_period" in service:
            seconds = int(service["stop_grace_period"].removesuffix("s"))
            assert seconds == pod.spec["terminationGracePeriodSeconds"]
            ours, theirs = settings_of(service["environment"]), settings_of(pod.environment)
            assert ours.shutdown_grace_seconds == theirs.shutdown_grace_seconds
            assert ours.visibility_timeout_seconds == theirs.visibility_timeout_seconds


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_processes_agree_on_the_visibility_timeout(overlay: str) -> None:
    assert len({settings_of(pod.environment).visibility_timeout_seconds for pod in our_pods(overlay)}) == 1
