"""A real job through the finished images: queue and store beside them, workers and client in them."""

import shutil
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess, Popen

from tests.integration.deployment.compose_processes import ComposedCluster
from tests.integration.deployment.images.buildah import Buildah
from tests.integration.deployment.images.container import Container, terminate
from tests.unit.deployment.rendered import compose, example_environment

WORKERS = ("detect", "render", "control")
_VOCABULARY = "person, bicycle, car, taxi"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Of containers from their start to their end."""

    client: dict[str, CompletedProcess[str]]
    """What each of the client's commands came to."""
    log: str
    """detections.txt."""
    health: dict[str, CompletedProcess[str]]
    """Of each service whose image has a health check, after the job."""
    statuses: dict[str, int]
    """With what SIGTERM ended each service."""


def do_a_job(buildah: Buildah, clip: Path, directory: Path) -> Seen:
    """Compose's services, with their images, commands and environment, on this machine's loopback."""
    with ExitStack() as stack:
        (directory / "cluster").mkdir()
        cluster = ComposedCluster(directory=directory / "cluster")
        for service in ("redis", "seaweedfs"):
            stack.enter_context(cluster.running(service))
        containers = {name: stack.enter_context(_service(buildah, cluster, name)) for name in WORKERS}
        processes = {
            name: stack.enter_context(_started(container, cluster, name))
            for name, container in containers.items()
        }
        client = stack.enter_context(_client(buildah, cluster))
        shutil.copy(clip, client.directory / "tmp/clip.mp4")
        said = {name: client.run(*command) for name, command in _commands().items()}
        checked = {name: c for name, c in containers.items() if "Healthcheck" in c.config}
        return Seen(
            client=said,
            log=(client.directory / "tmp/results/detections.txt").read_text(),
            health={name: container.check_health() for name, container in checked.items()},
            statuses={name: terminate(process) for name, process in processes.items()},
        )


def _commands() -> dict[str, list[str]]:
    submit = "client submit /tmp/clip.mp4 --threshold 0.45 --output /tmp/results --vocabulary"
    return {
        "help": [],
        "doctor": ["client", "doctor"],
        "submit": [*submit.split(), _VOCABULARY],
        "verify": ["client", "verify", "/tmp/clip.mp4", "/tmp/results"],
    }


def _service(buildah: Buildah, cluster: ComposedCluster, name: str) -> AbstractContextManager[Container]:
    described = compose()["services"][name]
    target = described["image"].removeprefix("horatio-").split(":")[0]
    environment = {key: cluster.at_addresses(value) for key, value in described["environment"].items()}
    environment |= {"HORATIO_METRICS_PORT": str(cluster.ports[name]), "HORATIO_DEVICE": "cpu"}
    return Container.of(buildah, target, cluster.directory.with_name(name), environment)


def _started(
    container: Container, cluster: ComposedCluster, name: str
) -> "AbstractContextManager[Popen[bytes]]":
    command = map(cluster.at_addresses, compose()["services"][name]["command"])
    return container.running(*command, is_ready=lambda said: " ready." in said)


def _client(buildah: Buildah, cluster: ComposedCluster) -> AbstractContextManager[Container]:
    """A machine that only submits: settings of `docker/env.example`."""
    settings = {
        k: cluster.at_addresses(v) for k, v in example_environment().items() if k.startswith("HORATIO_")
    }
    return Container.of(
        buildah, "client", cluster.directory.with_name("client"), {**settings, "HORATIO_HOME": "/tmp/home"}
    )
