"""What is deployed, as data."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from api_client.settings import Settings

Object = dict[str, Any]
REPOSITORY = Path(__file__).parents[3]
OVERLAYS = ("local", "cpu", "gpu")
EXAMPLES = ("secrets", "flower-ingress")


@cache
def rendered(overlay: str) -> list[Object]:
    """Every object `kubectl apply -k` would send."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("needs kubectl: apt install kubernetes-client")
    path = REPOSITORY / "k8s/overlays" / overlay
    run = subprocess.run([kubectl, "kustomize", path], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return [*yaml.safe_load_all(run.stdout)]


def example(name: str) -> list[Object]:
    """The objects of an example."""
    return [*yaml.safe_load_all((REPOSITORY / f"k8s/examples/{name}.yaml").read_text())]


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    return [found for found in objects if found["kind"] in kinds]


def named(objects: list[Object], kind: str, name: str) -> Object:
    (found,) = [each for each in of_kind(objects, kind) if each["metadata"]["name"] == name]
    return found


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod template and its one container."""

    owner: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: Object
    container: Object
    objects: tuple[Object, ...]
    """All that is deployed with it."""
    claims: frozenset[str]
    """Volumes it claims for itself."""

    @property
    def is_ours(self) -> bool:
        return bool(self.container["name"] == "horatio")

    @property
    def environment(self) -> dict[str, str]:
        """Every variable with a literal value, from settings and from the container itself."""
        values: dict[str, str] = {}
        for source in self.container.get("envFrom", ()):
            values |= named([*self.objects], "ConfigMap", source["configMapRef"]["name"])["data"]
        return values | {e["name"]: e["value"] for e in self.container.get("env", ()) if "value" in e}

    @property
    def command(self) -> list[str]:
        return [*self.container.get("command", ()), *self.container.get("args", ())]


def pods(objects: list[Object]) -> Iterator[Pod]:
    for owner in of_kind(objects, "Deployment", "StatefulSet", "CronJob"):
        spec = owner["spec"]
        template = spec["jobTemplate"]["spec"]["template"] if owner["kind"] == "CronJob" else spec["template"]
        (container,) = template["spec"]["containers"]
        yield Pod(
            owner=owner["metadata"]["name"],
            labels=template["metadata"]["labels"],
            annotations=template["metadata"].get("annotations", {}),
            spec=template["spec"],
            container=container,
            objects=tuple(objects),
            claims=frozenset(claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())),
        )


def our_pods(overlay: str) -> list[Pod]:
    return [pod for pod in pods(rendered(overlay)) if pod.is_ours]


def selects(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a label selector matches."""
    wanted = selector.get("matchLabels", {})
    expressions = selector.get("matchExpressions", ())
    assert all(each["operator"] == "In" for each in expressions), "another operator needs other code"
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        labels.get(each["key"]) in each["values"] for each in expressions
    )


def settings_of(environment: dict[str, str]) -> Settings:
    """Read settings as a process with this environment would; raise `SettingsError` where it would."""
    prefix = "HORATIO_"
    given = {
        name.removeprefix(prefix).lower(): value
        for name, value in environment.items()
        if name.startswith(prefix)
    }
    assert not set(given) - set(Settings.model_fields), "variables that are no settings"
    return Settings.load(**given)


def compose() -> Object:
    """`docker/compose.yaml` with the variables of `docker/env.example` put in."""
    text = (REPOSITORY / "docker/compose.yaml").read_text()
    values = example_environment()
    found: Object = yaml.safe_load(re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: values[match[1]], text))
    return found


def example_environment() -> dict[str, str]:
    lines = (REPOSITORY / "docker/env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
