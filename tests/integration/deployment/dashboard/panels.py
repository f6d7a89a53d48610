"""The panels of k8s/components/monitoring/dashboard.json, as data."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from tests.unit.deployment.rendered import REPOSITORY

_PATH = REPOSITORY / "k8s/components/monitoring/dashboard.json"
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True, kw_only=True)
class Query:
    """One line, or several, of a panel."""

    expression: str
    legend: str
    """`{{pod}}` stands for a label."""

    def name(self, labels: dict[str, str]) -> str:
        """What stands in the legend for a series with these labels."""
        return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), self.legend)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A rectangle of the dashboard."""

    title: str
    kind: str
    """`stat` shows the last value, `timeseries` lines."""
    unit: str
    stacked: bool
    on_the_right: frozenset[str]
    """Names in the legend whose values are read off the axis on the right."""
    place: dict[str, int]
    """x, y, w, h in units of which the width has 24."""
    queries: tuple[Query, ...]

    @classmethod
    def of(cls, found: dict[str, Any], variables: dict[str, str]) -> Self:
        """Read a panel, its variables put in; raise `KeyError` for a variable nothing gives a value to."""
        defaults = found["fieldConfig"]["defaults"]
        return cls(
            title=found["title"],
            kind=found["type"],
            unit=defaults["unit"],
            stacked=defaults.get("custom", {}).get("stacking", {}).get("mode") == "normal",
            on_the_right=frozenset(_on_the_right(found["fieldConfig"]["overrides"])),
            place=found["gridPos"],
            queries=tuple(
                Query(
                    expression=_VARIABLE.sub(lambda name: variables[name[1] or name[2]], target["expr"]),
                    legend=target["legendFormat"],
                )
                for target in found["targets"]
            ),
        )


def _on_the_right(overrides: list[dict[str, Any]]) -> Iterator[str]:
    for override in overrides:
        if {"id": "custom.axisPlacement", "value": "right"} in override["properties"]:
            yield override["matcher"]["options"]


def panels(*, interval_seconds: int) -> list[Panel]:
    """All of them; Grafana's own variables are what it would make of this scrape interval."""
    variables = {
        "__interval": f"{interval_seconds}s",
        "__rate_interval": f"{4 * interval_seconds}s",
        "__range": "3h",
    }
    return [Panel.of(found, variables) for found in json.loads(_PATH.read_text())["panels"]]
