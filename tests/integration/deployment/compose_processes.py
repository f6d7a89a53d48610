"""The processes of `docker/compose.yaml`, run as they stand there, without Docker."""

import re
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from api_client import Settings
from tests.servers.process import free_ports, running
from tests.servers.redis import redis_binary
from tests.servers.seaweedfs import weed_binary
from tests.unit.deployment.rendered import REPOSITORY, compose, example_environment

_PROGRAMS = {
    "redis-server": redis_binary(),
    "weed": weed_binary(),
    "celery": Path(sys.executable).with_name("celery"),
    "python": Path(sys.executable),
}
_WEED_SPARED = ("-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.preStopSeconds=0")
_WEED_PARTS = ("master", "volume", "filer", "admin")


@dataclass(kw_only=True)
class ComposedCluster:
    """Processes on this machine in place of containers."""

    directory: Path
    ports: Mapping[str, int] = field(
        default_factory=lambda: dict(
            zip(
                ("redis", "s3", "flower", "detect", "detect-1", "detect-2", "control", "render"),
                free_ports(8),
                strict=True,
            )
        )
    )

    @contextmanager
    def running(
        self, service: str, *, name: str | None = None, **environment: str
    ) -> Iterator["Popen[bytes]"]:
        """Run one service's command with its environment; a second of the same service needs a name."""
        name = name or service
        described = compose()["services"][service]
        command = [*described.get("entrypoint", ()), *described.get("command", ())]
        with running(
            [
                _PROGRAMS[command[0]] or command[0],
                *(self.on_this_machine(word).replace("@%h", f"@{name}") for word in command[1:]),
                *self._apart(service),
            ],
            log=self.log(name),
            environment={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.directory),
                "PYTHONPATH": str(REPOSITORY),
                "OMP_NUM_THREADS": "1",
                **{name: self.on_this_machine(value) for name, value in described["environment"].items()},
                **({"HORATIO_METRICS_PORT": str(self.ports[name])} if name in self.ports else {}),
                **environment,
            },
            cwd=self.directory,
            is_ready=lambda: self._is_ready(service, name),
            ready_timeout_seconds=90,
        ) as process:
            yield process

    def on_this_machine(self, text: str) -> str:
        """Put this machine's addresses and directories in place of the containers'."""
        directories = {r"/data\b": f"{self.directory}/objects", r"/tmp/": f"{self.directory}/"}
        return _replaced(self.at_addresses(text), directories)

    def at_addresses(self, text: str) -> str:
        """Put this machine's addresses in place of the containers'."""
        s3 = self.ports["s3"]
        here = {
            r"(?:redis|127\.0\.0\.1):6379\b": f"127.0.0.1:{self.ports['redis']}",
            r"(?:seaweedfs|127\.0\.0\.1):8333\b": f"127.0.0.1:{s3}",
            r"\b8333\b": str(s3),
            r"\b5555\b": str(self.ports["flower"]),
            r"0\.0\.0\.0": "127.0.0.1",
        }
        return _replaced(text, here)

    def client_settings(self, **changes: object) -> Settings:
        """What a client beside `docker/.env` reads."""
        values = {
            name.removeprefix("HORATIO_").lower(): self.on_this_machine(value)
            for name, value in example_environment().items()
            if name.startswith("HORATIO_")
        }
        return Settings.load(**(values | changes))

    def log(self, service: str) -> Path:
        """What the service said."""
        return self.directory / f"{service}.log"

    def _apart(self, service: str) -> list[str]:
        """What keeps it from others on this machine, which a container of its own does there."""
        if service == "redis":
            return ["--port", str(self.ports["redis"]), "--bind", "127.0.0.1", "--dir", str(self.directory)]
        if service != "seaweedfs":
            return []
        (self.directory / "objects").mkdir(exist_ok=True)
        numbers = iter(free_ports(2 * len(_WEED_PARTS) + 1))
        ports = [f"-{part}.port={next(numbers)}" for part in _WEED_PARTS]
        ports += [f"-{part}.port.grpc={next(numbers)}" for part in _WEED_PARTS]
        sockets = [f"-{part}.localSocket={self.directory}/{part}.sock" for part in ("s3", "filer")]
        return [*ports, *sockets, f"-s3.port.grpc={next(numbers)}", *_WEED_SPARED]

    def _is_ready(self, service: str, name: str) -> bool:
        said = self.log(name).read_text(errors="replace")
        return {
            "redis": "Ready to accept connections" in said,
            "seaweedfs": _takes_objects(self),
            "flower": "Visit me at" in said,
            "reconciler": "reconciles every" in said,
        }.get(service, " ready." in said)


def _replaced(text: str, by_pattern: Mapping[str, str]) -> str:
    """Each at once, so that nothing that was put in is replaced again."""
    patterns = "|".join(f"({pattern})" for pattern in by_pattern)
    return re.sub(patterns, lambda match: [*by_pattern.values()][match.lastindex - 1], text)


def _takes_objects(cluster: ComposedCluster) -> bool:
    from api_client.errors import HoratioError
    from api_client.queue.connections import open_store_of

    try:
        store = open_store_of(cluster.client_settings())
        store.put("ready", b"")
        store.delete("ready")
    except HoratioError:
        return False
    return True


@contextmanager
def composed(directory: Path) -> Iterator[ComposedCluster]:
    """Run all services of the profile `cpu` but the detecting worker, which tests start and stop.

    They log as in a cluster.
    """
    cluster = ComposedCluster(directory=directory)
    with ExitStack() as stack:
        for service in ("redis", "seaweedfs", "control", "render", "reconciler", "flower"):
            stack.enter_context(cluster.running(service, HORATIO_LOG_FORMAT="json"))
        yield cluster


def terminate(process: "Popen[bytes]", *, timeout_seconds: float = 60) -> int:
    """SIGTERM, as Docker and Kubernetes send it; return the exit status."""
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout_seconds)
