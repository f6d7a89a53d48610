"""What came of zones and lines, class by class."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from api_client.zones.counted import Counted, LineRow, ZoneRow

Row = TypeVar("Row", ZoneRow, LineRow)


@dataclass(frozen=True, kw_only=True)
class ZoneTotal:
    """One class in one zone."""

    zone: str
    class_name: str
    objects: int
    """How many tracks were ever inside."""
    entered: int
    left: int
    mean_dwell_seconds: float
    longest_dwell_seconds: float


@dataclass(frozen=True, kw_only=True)
class LineTotal:
    """One class over one line."""

    line: str
    class_name: str
    objects: int
    to_right: int
    to_left: int


def zone_totals(counted: Counted) -> Iterator[ZoneTotal]:
    """Yield zone by zone, as they were asked for, its classes by name."""
    for zone in counted.shapes.zones:
        rows = (row for row in counted.zones if row.zone == zone.name)
        for class_name, members in _by_class(rows):
            dwells = [row.dwell_seconds for row in members]
            yield ZoneTotal(
                zone=zone.name,
                class_name=class_name,
                objects=len(members),
                entered=sum(row.entered for row in members),
                left=sum(row.left for row in members),
                mean_dwell_seconds=sum(dwells) / len(dwells),
                longest_dwell_seconds=max(dwells),
            )


def line_totals(counted: Counted) -> Iterator[LineTotal]:
    """Yield line by line, as they were asked for, its classes by name."""
    for line in counted.shapes.lines:
        rows = (row for row in counted.lines if row.line == line.name)
        for class_name, members in _by_class(rows):
            yield LineTotal(
                line=line.name,
                class_name=class_name,
                objects=len(members),
                to_right=sum(row.to_right for row in members),
                to_left=sum(row.to_left for row in members),
            )


def _by_class(rows: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    ordered = sorted(rows, key=lambda row: (row.class_name, row.tracker_id))
    for class_name, members in groupby(ordered, key=lambda row: row.class_name):
        yield class_name, list(members)
