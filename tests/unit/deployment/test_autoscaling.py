"""How fast workers come, how gently they go, and what happens while nobody can say how many are needed."""

from typing import Any

import pytest

from tests.unit.deployment.rendered import named, rendered

pytestmark = pytest.mark.parametrize("overlay", ["cpu", "gpu"])


def scaled(overlay: str) -> Any:
    return named(rendered(overlay), "ScaledObject", "detect")["spec"]


def behaviour(overlay: str) -> Any:
    return scaled(overlay)["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]


def test_nothing_to_do_costs_nothing_and_the_first_chunk_wakes_a_worker(overlay: str) -> None:
    assert scaled(overlay)["minReplicaCount"] == 0
    assert scaled(overlay)["triggers"][0]["metadata"]["activationListLength"] == "0"


def test_workers_leave_one_a_minute_once_five_minutes_agreed(overlay: str) -> None:
    down = behaviour(overlay)["scaleDown"]

    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]
    assert down["stabilizationWindowSeconds"] >= 300


def test_the_last_worker_stays_longer_than_those_before_it(overlay: str) -> None:
    """One more than the window in which chunks of a second job would still find it."""
    assert scaled(overlay)["cooldownPeriod"] > behaviour(overlay)["scaleDown"]["stabilizationWindowSeconds"]


def test_workers_come_at_once(overlay: str) -> None:
    assert behaviour(overlay)["scaleUp"]["stabilizationWindowSeconds"] == 0


def test_while_redis_is_away_nobody_is_sent_home(overlay: str) -> None:
    fallback = scaled(overlay)["fallback"]

    assert fallback["behavior"] == "currentReplicasIfHigher"
    assert fallback["replicas"] >= 1


def test_one_worker_at_a_time_may_be_disrupted(overlay: str) -> None:
    for name in ("detect", "control"):
        budget = named(rendered(overlay), "PodDisruptionBudget", name)["spec"]
        assert budget["maxUnavailable"] == 1
