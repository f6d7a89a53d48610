"""Comparing what a job left with what it leaves where nothing goes wrong."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

LOGS = ("detections.parquet", "detections.jsonl", "detections.txt", "summary.json")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Frames nobody looked at, and a regular expression for the reason."""

    frames: range
    reason: str


def differences(expected: Path, found: Path) -> list[str]:
    """The results that are not the same bytes; empty where all are."""
    files = [path.relative_to(expected) for path in expected.rglob("*") if path.is_file()]
    names = [*LOGS, *(str(path) for path in files if "annotated" in str(path))]
    return [
        f"{name} differs"
        for name in names
        if not (found / name).exists() or (found / name).read_bytes() != (expected / name).read_bytes()
    ]


def differences_outside(gap: Gap, expected: Path, found: Path) -> list[str]:
    """What differs in frames outside a gap, and what is not said of those inside.

    Who is who may change at a gap, and boxes in it may be interpolated: the tracker sees less.
    """
    wrong = []
    for was, now in zip(_lines(expected), _lines(found), strict=True):
        inside = was["frame_index"] in gap.frames
        if inside and (now["unseen"] is None or _detected(now["detections"])):
            wrong.append(f"frame {was['frame_index']} is in the gap and is said to be looked at")
        if not inside and {**was, "detections": []} != {**now, "detections": []}:
            wrong.append(f"frame {was['frame_index']} differs")
        if not inside and _detected(was["detections"]) != _detected(now["detections"]):
            wrong.append(f"frame {was['frame_index']} differs in what was detected")
    if _rows_outside(gap, expected) != _rows_outside(gap, found):
        wrong.append("detections.parquet differs outside of the gap")
    return wrong


def _lines(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "detections.jsonl").read_text().splitlines()]


def _rows_outside(gap: Gap, directory: Path) -> list[dict[str, Any]]:
    rows = pq.read_table(directory / "detections.parquet").to_pylist()
    return _detected(row for row in rows if row["frame_index"] not in gap.frames)


def _detected(boxes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a detector saw, without its identity."""
    return [
        {name: value for name, value in box.items() if name != "tracker_id"}
        for box in boxes
        if not box["interpolated"]
    ]
