"""A real job through the finished images: queue and store beside them, workers and client in them."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.deployment.clean_root.container import Container, Started
from tests.integration.deployment.clean_root.image import Image
from tests.integration.deployment.compose_processes import ComposedCluster
from tests.unit.deployment.rendered import compose, example_environment


@dataclass(kw_only=True)
class JobInImages:
    """Compose's services on this machine: Redis and SeaweedFS as processes, ours in their images' roots."""

    images: Mapping[str, Image]
    work: Path
    stack: ExitStack
    cluster: ComposedCluster = field(init=False)

    def __post_init__(self) -> None:
        directory = self.work / "cluster"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        self.cluster = ComposedCluster(directory=directory)
        for service in ("redis", "seaweedfs"):
            self.stack.enter_context(self.cluster.running(service))

    def container(self, image: str, name: str, environment: Mapping[str, str]) -> Container:
        """An image with a place of its own."""
        directory = self.work / "containers" / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        root = self.stack.enter_context(self.images[image].mounted(self.work / "roots" / f"run-{name}"))
        return Container(
            image=self.images[image],
            root=root,
            directory=directory,
            environment={key: self.cluster.at_addresses(value) for key, value in environment.items()},
        )

    def service(self, name: str, **changes: str) -> Container:
        """One of Compose's, with its image and environment."""
        described = compose()["services"][name]
        image = described["image"].removeprefix("horatio-").split(":")[0]
        port = {"HORATIO_METRICS_PORT": str(self.cluster.ports[name])} if name in self.cluster.ports else {}
        return self.container(image, name, {**described["environment"], **port, **changes})

    @contextmanager
    def started(self, name: str, container: Container) -> Iterator[Started]:
        """Start it with Compose's command."""
        command = compose()["services"][name]["command"]

        def is_ready() -> bool:
            return " ready." in container.log.read_text(errors="replace")

        with container.running([*map(self.cluster.at_addresses, command)], is_ready=is_ready) as started:
            yield started

    def client(self, image: str) -> Container:
        """A machine that only submits: settings of `docker/env.example`."""
        settings = {k: v for k, v in example_environment().items() if k.startswith("HORATIO_")}
        return self.container(image, "a-client", settings)
