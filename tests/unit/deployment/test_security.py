"""What no container may do."""

import pytest

from tests.unit.deployment.rendered import OVERLAYS, Pod, compose, of_kind, our_pods, pods, rendered

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@every_overlay
def test_containers_are_locked_down(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        context = pod.container["securityContext"]

        assert pod.spec["securityContext"]["runAsNonRoot"] is True
        assert pod.spec["securityContext"]["runAsUser"] > 0
        assert pod.spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod.spec["automountServiceAccountToken"] is False
        assert context == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@every_overlay
def test_what_can_be_written_is_bounded(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        assert "memory" in pod.container["resources"]["limits"]
        for volume in pod.spec.get("volumes", ()):
            assert "configMap" in volume or "sizeLimit" in volume["emptyDir"]


@every_overlay
def test_an_emptied_tmp_fits_the_disk_a_pod_asks_for(overlay: str) -> None:
    for pod in our_pods(overlay):
        limit = pod.container["resources"]["limits"].get("ephemeral-storage")
        if limit is not None:
            assert _disk_gib(pod) <= int(limit.removesuffix("Gi"))


@every_overlay
def test_nothing_asks_for_all_it_may_have_by_asking_for_nothing(overlay: str) -> None:
    """Kubernetes takes a limit for the request where there is none: 45 GiB of disk on a laptop."""
    for pod in our_pods(overlay):
        resources = pod.container["resources"]
        assert set(resources["limits"]) <= set(resources["requests"]), pod.owner


def _disk_gib(pod: Pod) -> int:
    on_disk = [v["emptyDir"] for v in pod.spec["volumes"] if v["emptyDir"].get("medium") != "Memory"]
    return sum(int(each["sizeLimit"].removesuffix("Gi")) for each in on_disk)


@every_overlay
def test_no_service_puts_its_address_into_flowers_options(overlay: str) -> None:
    assert all(pod.spec["enableServiceLinks"] is False for pod in pods(rendered(overlay)))


@every_overlay
def test_images_are_pinned(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        _name, _, tag = pod.container["image"].rpartition(":")
        assert tag[0].isdigit()


@pytest.mark.parametrize("overlay", ["cpu", "gpu"])
def test_no_secret_is_written_down(overlay: str) -> None:
    assert of_kind(rendered(overlay), "Secret") == []


@every_overlay
def test_nobody_talks_to_anybody_unless_a_policy_says_so(overlay: str) -> None:
    policies = {p["metadata"]["name"]: p["spec"] for p in of_kind(rendered(overlay), "NetworkPolicy")}

    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_compose_listens_on_this_machine_alone() -> None:
    for service in compose()["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_our_services_in_compose_are_locked_down() -> None:
    for service in compose()["services"].values():
        if service["image"].startswith("horatio-"):
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
            assert any(
                place.endswith("/tmp") for place in [*service.get("volumes", ()), *service.get("tmpfs", ())]
            )
