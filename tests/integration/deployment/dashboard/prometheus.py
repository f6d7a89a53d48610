"""A real Prometheus that scrapes workers on this machine."""

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.servers.process import free_ports, running


class QueryFailedError(RuntimeError):
    """Prometheus did not understand a query, or could not answer it."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line: its labels, and (seconds, value) pairs."""

    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Prometheus:
    """A running server."""

    url: str

    def over(self, query: str, start: float, end: float, *, step_seconds: int) -> list[Series]:
        """Evaluate a query at every step between two moments, as Grafana does for a panel."""
        asked = {"query": query, "start": start, "end": end, "step": step_seconds}
        return [
            Series(
                labels=found["metric"],
                points=tuple((float(when), float(value)) for when, value in found["values"]),
            )
            for found in self._get("query_range", asked)["result"]
        ]

    def healthy_targets(self) -> int:
        """How many workers it has just scraped."""
        found = self._get("targets", {"state": "active"})["activeTargets"]
        return sum(target["health"] == "up" for target in found)

    def _get(self, path: str, asked: Mapping[str, object]) -> dict[str, Any]:
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(asked)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                answer: dict[str, Any] = json.load(response)["data"]
                return answer
        except urllib.error.HTTPError as error:
            raise QueryFailedError(f"{asked}: {error.read().decode()}") from error


@contextmanager
def prometheus(directory: Path, targets: Mapping[str, int], *, interval_seconds: int) -> Iterator[Prometheus]:
    """Scrape these ports of 127.0.0.1, each under the name of a pod, as the PodMonitor would have it."""
    program = shutil.which("prometheus")
    if program is None:
        raise FileNotFoundError("there is no prometheus program: apt install prometheus")
    scraped = [{"targets": [f"127.0.0.1:{port}"], "labels": {"pod": pod}} for pod, port in targets.items()]
    config = {
        "global": {"scrape_interval": f"{interval_seconds}s", "evaluation_interval": "1m"},
        "scrape_configs": [{"job_name": "horatio/horatio-workers", "static_configs": scraped}],
    }
    (directory / "prometheus.yaml").write_text(yaml.safe_dump(config))
    server = Prometheus(url=f"http://127.0.0.1:{free_ports(1)[0]}")
    command = [program, f"--config.file={directory}/prometheus.yaml", f"--storage.tsdb.path={directory}/tsdb"]
    with running(
        [*command, f"--web.listen-address={server.url.removeprefix('http://')}"],
        log=directory / "prometheus.log",
        is_ready=lambda: "ready to receive web requests" in (directory / "prometheus.log").read_text(),
    ):
        yield server
