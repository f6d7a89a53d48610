"""Results as a job leaves them, written by hand: right ones, and ones that are wrong in one way."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from api_client.contract.detection_log import JOB_SCHEMA
from tests.results.pictures import with_box
from tests.results.video_file import Sound, write_video

BOX = (60, 30, 92, 62)


@dataclass(frozen=True, kw_only=True)
class Made:
    """Everything a result consists of, before it is written; `replace` makes it wrong."""

    source: Path
    pictures: Sequence[np.ndarray]
    """As they are to be shown, before anything is drawn."""
    seconds: Sequence[float]
    """When the annotated video shows each."""
    log_seconds: Sequence[float] | None = None
    """If the log says otherwise."""
    sound: Sound | None = None
    boxes: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    """Frame → its only detection, of track 1."""
    interpolated: Sequence[int] = ()
    """Frames whose box lies between two detections and is none."""
    unseen: dict[int, str] = field(default_factory=dict)
    gaps: Sequence[tuple[int, int]] = ()
    notes: Sequence[str] = ()
    stream_index: int | None = None
    """As `job.json` says it."""
    tags: dict[str, int] = field(default_factory=dict)
    change_lines: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list
    """Done to the records before they are written as JSON Lines."""

    def records(self) -> list[dict[str, Any]]:
        """The log, frame by frame."""
        times = self.log_seconds or [second - self.seconds[0] for second in self.seconds]
        return [
            {
                "frame_index": index,
                "pts": round(1e6 * second),
                "time_seconds": round(second, 6),
                "unseen": self.unseen.get(index),
                "detections": self._detections(index),
            }
            for index, second in enumerate(times)
        ]

    def _detections(self, index: int) -> list[dict[str, Any]]:
        if index not in self.boxes:
            return []
        return [_detection(self.boxes[index], is_interpolated=index in self.interpolated)]

    def write(self, directory: Path) -> Path:
        """Write all files, `job.json` last."""
        directory.mkdir(exist_ok=True)
        drawn = [
            with_box(picture, self.boxes[index]) if index in self.boxes else picture
            for index, picture in enumerate(self.pictures)
        ]
        video = directory / f"{self.source.stem}-annotated.mp4"
        write_video(video, drawn, self.seconds, sound=self.sound, tags=self.tags)
        records = self.records()
        _write_logs(directory, records, self.change_lines(records))
        self._write_job(directory, records)
        return directory

    def _write_job(self, directory: Path, records: list[dict[str, Any]]) -> None:
        job = {
            "state": "completed_with_gaps" if self.gaps else "completed",
            "files": [],
            "frame_count": len(records),
            "detection_count": _detected(records),
            "gaps": [{"first_frame": a, "last_frame": b, "reason": "lost"} for a, b in self.gaps],
            "notes": list(self.notes),
            "provenance": {
                "source": {"file_name": self.source.name, "size_bytes": self.source.stat().st_size},
                "video": {"stream_index": self.stream_index},
                "every": 1,
            },
        }
        (directory / "job.json").write_text(json.dumps(job))
        seal(directory)


def seal(directory: Path) -> None:
    """List the files in `job.json` as they are now."""
    path = directory / "job.json"
    files = []
    for file in sorted(directory.iterdir()):
        if file.name != "job.json":
            data = file.read_bytes()
            name = "annotated.mp4" if "annotated" in file.name else file.name
            files.append({"name": name, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    path.write_text(json.dumps({**json.loads(path.read_text()), "files": files}))


def edited(directory: Path, name: str, change: Callable[[str], str]) -> None:
    """Change a text file of the results, and list it as it is now."""
    path = directory / name
    path.write_text(change(path.read_text(errors="replace")))
    seal(directory)


def changed(made: Made, **changes: Any) -> Made:
    """The same result, wrong in one way."""
    return replace(made, **changes)


def _detection(box: tuple[int, int, int, int], *, is_interpolated: bool) -> dict[str, Any]:
    sides = dict(zip(("x_min", "y_min", "x_max", "y_max"), map(float, box), strict=True))
    track = {"tracker_id": 1, "interpolated": is_interpolated}
    return {"class_id": 0, "class_name": "cat", "confidence": 0.75, **sides, **track}


def _detected(records: list[dict[str, Any]]) -> int:
    return sum(not found["interpolated"] for record in records for found in record["detections"])


def _write_logs(directory: Path, records: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    (directory / "detections.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (directory / "detections.txt").write_text("".join(map(_text_line, records)))
    rows = [
        {name: record[name] for name in ("frame_index", "pts", "time_seconds")}
        | found
        | {"detected_as": None, "mask": None}
        for record in records
        for found in record["detections"]
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=JOB_SCHEMA), directory / "detections.parquet")
    summary = {"frames": len(records), "detections": _detected(records)}
    (directory / "summary.json").write_text(json.dumps(summary))


def _text_line(record: dict[str, Any]) -> str:
    milliseconds = round(record["time_seconds"] * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    found = ", ".join(
        f"{'~' if d['interpolated'] else ''}{d['class_name']} {d['confidence']:.2f} "
        f"[{d['x_min']:.0f} {d['y_min']:.0f} {d['x_max']:.0f} {d['y_max']:.0f}] #{d['tracker_id']}"
        for d in record["detections"]
    )
    unseen = f"({record['unseen']})" if record["unseen"] else ""
    said = " ".join(part for part in (unseen, found) if part) or "-"
    clock = f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
    return f"{record['frame_index']}\t{clock}\t{said}\n"
