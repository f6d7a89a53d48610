"""What came of zones and lines, as files: `zones.csv`, `lines.csv`, `events.csv`, `zones.json`."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api_client.zones.counted import Counted, LineRow, ZoneRow
from api_client.zones.totals import line_totals, zone_totals

ZONES, LINES, EVENTS, ALL = "zones.csv", "lines.csv", "events.csv", "zones.json"
_ZONE_COLUMNS = (
    "zone", "class_name", "tracker_id", "entered", "left", "began_inside", "ended_inside", "dwell_seconds",
)  # fmt: skip
_LINE_COLUMNS = ("line", "class_name", "tracker_id", "to_right", "to_left")
_EVENT_COLUMNS = ("time_seconds", "at", "what", "class_name", "tracker_id", "x", "y")


def write_tables(counted: Counted, directory: Path) -> list[Path]:
    """Write all of it into a directory; return the files. CSV is RFC 4180, UTF-8."""
    _write_csv(directory / ZONES, _ZONE_COLUMNS, map(_zone_row, counted.zones))
    _write_csv(directory / LINES, _LINE_COLUMNS, (_columns(row, _LINE_COLUMNS) for row in counted.lines))
    _write_csv(directory / EVENTS, _EVENT_COLUMNS, _events(counted))
    text = json.dumps(_document(counted), indent=1, ensure_ascii=False, allow_nan=False)
    (directory / ALL).write_text(text + "\n", encoding="utf-8")
    return [directory / name for name in (ZONES, LINES, EVENTS, ALL)]


def _document(counted: Counted) -> dict[str, Any]:
    return {
        "zones": [zone.model_dump(mode="json") for zone in counted.shapes.zones],
        "lines": [line.model_dump(mode="json") for line in counted.shapes.lines],
        "zone_totals": [_rounded(asdict(total)) for total in zone_totals(counted)],
        "line_totals": [_rounded(asdict(total)) for total in line_totals(counted)],
        "zone_tracks": [_rounded(_columns(row, _ZONE_COLUMNS)) for row in counted.zones],
        "line_tracks": [_columns(row, _LINE_COLUMNS) for row in counted.lines],
        "events": list(_events(counted)),
    }


def _events(counted: Counted) -> Iterator[dict[str, Any]]:
    """Yield everything that happened, in order of time."""
    rows = [(row.zone, row) for row in counted.zones] + [(row.line, row) for row in counted.lines]
    happened = [(event, name, row) for name, row in rows for event in row.events]
    for event, name, row in sorted(happened, key=lambda it: (it[0].time_seconds, it[1], it[2].tracker_id)):
        yield {
            "time_seconds": round(event.time_seconds, 3),
            "at": name,
            "what": event.what,
            "class_name": row.class_name,
            "tracker_id": row.tracker_id,
            "x": round(event.place[0], 1),
            "y": round(event.place[1], 1),
        }


def _zone_row(row: ZoneRow) -> dict[str, Any]:
    values = _rounded(_columns(row, _ZONE_COLUMNS))
    return {name: int(value) if isinstance(value, bool) else value for name, value in values.items()}


def _columns(row: ZoneRow | LineRow, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in values.items()}


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
