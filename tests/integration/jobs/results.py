"""Reading back what a job left."""

import json
from pathlib import Path
from typing import Any

import av

COLOURS = "python:tests.colour_detector:load"
"""A detector that finds blobs of colour: a real function of the pixels that needs no weights."""

_LOGS = ("detections.parquet", "detections.jsonl", "detections.txt", "summary.json")


def logs(directory: Path) -> dict[str, bytes]:
    """Every log, byte for byte."""
    return {name: (directory / name).read_bytes() for name in _LOGS}


def frames_of(directory: Path) -> list[dict[str, Any]]:
    """The log, frame by frame."""
    return [json.loads(line) for line in (directory / "detections.jsonl").read_text().splitlines()]


def sound_packets(path: Path) -> list[tuple[int | None, bytes]]:
    """Every packet of the first audio stream, with its time."""
    with av.open(str(path)) as container:
        return [(p.pts, bytes(p)) for p in container.demux(container.streams.audio[0]) if p.size]
