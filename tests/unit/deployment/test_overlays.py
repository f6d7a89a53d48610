"""Every overlay renders to objects a cluster accepts, which refer to nothing that is not there."""

import re

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.unit.deployment.rendered import (
    EXAMPLES,
    OVERLAYS,
    REPOSITORY,
    Object,
    example,
    named,
    of_kind,
    pods,
    rendered,
    selects,
)

KUBERNETES_VERSION = "1.33"
CUSTOM = yaml.safe_load((REPOSITORY / "tests/unit/deployment/custom_kinds.yaml").read_text())

pytestmark = pytest.mark.parametrize("overlay", OVERLAYS)


def test_objects_are_valid(overlay: str) -> None:
    for found in rendered(overlay):
        check(found)


def check(found: Object) -> None:
    if found["kind"] in CUSTOM["$defs"]:
        Draft202012Validator({"$ref": f"#/$defs/{found['kind']}", "$defs": CUSTOM["$defs"]}).validate(found)
    else:
        kubernetes_validate.validate(found, KUBERNETES_VERSION, strict=True)


def test_everything_is_in_one_namespace(overlay: str) -> None:
    places = {
        found["metadata"].get("namespace") for found in rendered(overlay) if found["kind"] != "Namespace"
    }

    assert places == {"horatio"}


def test_configuration_and_secrets_referred_to_exist(overlay: str) -> None:
    objects = rendered(overlay)
    there = {
        (found["kind"], found["metadata"]["name"], key)
        for found in [*objects, *(example("secrets") if overlay != "local" else [])]
        for key in [*found.get("data", ()), *found.get("stringData", ()), None]
    }

    for pod in pods(objects):
        assert _references(pod.spec) <= there, pod.owner
        assert ("ServiceAccount", pod.spec.get("serviceAccountName", "worker"), None) in there


def _references(spec: Object) -> set[tuple[str, str, str | None]]:
    (container,) = spec["containers"]
    keys = [e["valueFrom"]["secretKeyRef"] for e in container.get("env", ()) if "valueFrom" in e]
    maps = [source["configMapRef"]["name"] for source in container.get("envFrom", ())]
    maps += [volume["configMap"]["name"] for volume in spec.get("volumes", ()) if "configMap" in volume]
    return {("Secret", ref["name"], ref["key"]) for ref in keys} | {
        ("ConfigMap", name, None) for name in maps
    }


def test_variables_are_put_into_others_after_they_are_defined(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        defined: set[str] = set()
        for variable in pod.container.get("env", ()):
            assert set(re.findall(r"\$\((\w+)\)", variable.get("value", ""))) <= defined
            defined.add(variable["name"])
        assert set(re.findall(r"\$\((\w+)\)", " ".join(pod.command))) <= defined


def test_every_selector_selects_a_pod(overlay: str) -> None:
    objects = rendered(overlay)
    templates = [pod.labels for pod in pods(objects)]

    for found in of_kind(objects, "Deployment", "StatefulSet", "PodDisruptionBudget", "PodMonitor"):
        assert any(selects(found["spec"]["selector"], labels) for labels in templates)
    for found in of_kind(objects, "Service"):
        assert any(selects({"matchLabels": found["spec"]["selector"]}, labels) for labels in templates)
    for found in of_kind(objects, "NetworkPolicy"):
        assert any(selects(found["spec"]["podSelector"], labels) for labels in templates)
        peers = [peer for rules in ("ingress", "egress") for rule in found["spec"].get(rules, ()) for peer in
                 rule.get("from", rule.get("to", ()))]  # fmt: skip
        for peer in peers:
            if "podSelector" in peer:
                assert any(selects(peer["podSelector"], labels) for labels in templates)


def test_volumes_that_are_mounted_exist_and_are_used(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        mounted = {mount["name"] for mount in pod.container.get("volumeMounts", ())}

        assert mounted == {volume["name"] for volume in pod.spec.get("volumes", ())} | pod.claims


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_valid_and_fit(overlay: str, name: str) -> None:
    for found in example(name):
        check(found)
        if found["kind"] == "Ingress":
            backend = found["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
            service = named(rendered(overlay), "Service", backend["name"])
            assert backend["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}
