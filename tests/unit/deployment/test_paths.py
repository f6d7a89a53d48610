"""Files and folders that commands and settings name are there, and can be written to where they must be."""

import re
import shlex

import pytest

from api_client.settings import Settings
from tests.unit.deployment.rendered import OVERLAYS, REPOSITORY, compose, our_pods, pods, rendered

HOME = "/var/lib/horatio"


def image_environment(target: str) -> dict[str, str]:
    """What the Dockerfile gives every process of an image."""
    text = (REPOSITORY / "docker/Dockerfile").read_text().replace("\\\n", " ")
    stages = re.findall(r"^FROM (\S+) AS (\S+)$(.*?)(?=^FROM |\Z)", text, re.MULTILINE | re.DOTALL)
    found: dict[str, str] = {}
    for base, name, lines in reversed(stages):
        if name == target:
            target = base
            for line in re.findall(r"^ENV (.+)$", lines, re.MULTILINE):
                found = dict(word.split("=", 1) for word in shlex.split(line)) | found
    return found


@pytest.mark.parametrize("target", ["client", "worker-cpu", "worker-gpu"])
def test_variables_of_an_image_are_settings(target: str) -> None:
    names = {name for name in image_environment(target) if name.startswith("HORATIO_")}

    assert "HORATIO_HOME" in names
    assert {name.removeprefix("HORATIO_").lower() for name in names} <= set(Settings.model_fields)


def test_the_cache_is_where_the_volume_is() -> None:
    text = (REPOSITORY / "docker/Dockerfile").read_text()

    assert image_environment("worker-gpu")["HORATIO_HOME"] == HOME
    assert re.search(rf"^VOLUME {HOME}$", text, re.MULTILINE)
    assert f"models:{HOME}" in compose()["services"]["detect"]["volumes"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_a_pod_writes_is_on_a_volume(overlay: str) -> None:
    for pod in our_pods(overlay):
        mounted = {mount["mountPath"] for mount in pod.container["volumeMounts"]}
        written = {pod.environment.get("HORATIO_PULSE_FILE", "/tmp/x")}
        written |= {word.partition("=")[2] for word in pod.command if word.startswith("--schedule=")}

        assert all(any(path.startswith(f"{place}/") for place in mounted) for path in written), pod.owner
        if pod.owner == "detect":
            assert HOME in mounted


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_files_that_commands_of_others_name_are_mounted(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        if not pod.is_ours:
            mounted = {mount["mountPath"] for mount in pod.container["volumeMounts"]}
            named = {path for word in pod.command for path in re.findall(r"(?:^|=)(/\S+)", word)}
            assert all(any(path.startswith(place) for place in mounted) for path in named), pod.owner


@pytest.mark.parametrize("service", ["detect", "detect-gpu", "control", "reconciler", "flower"])
def test_what_a_service_writes_is_on_a_volume(service: str) -> None:
    described = compose()["services"][service]
    places = [
        place.rpartition(":")[2] for place in [*described.get("volumes", ()), *described.get("tmpfs", ())]
    ]

    assert "/tmp" in places
    assert described["environment"]["HORATIO_PULSE_FILE"].startswith("/tmp/")
