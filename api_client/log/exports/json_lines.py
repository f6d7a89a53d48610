"""`detections.jsonl`: one JSON object a frame, for programs."""

import json
from pathlib import Path
from typing import Any

from api_client.log.boxes import LoggedBox
from api_client.log.exports.protocol import ExportedJob
from api_client.log.frames import FrameRecord


class JsonLines:
    """An `Export`."""

    names = ("detections.jsonl",)

    def open(self, directory: Path, job: ExportedJob) -> None:  # noqa: ARG002  # the protocol's
        """Begin."""
        self._file = (directory / self.names[0]).open("w", encoding="utf-8", newline="\n")

    def write(self, frame: FrameRecord) -> None:
        """Add a line."""
        self._file.write(json_line(frame))

    def close(self) -> None:
        """Complete the file."""
        self._file.close()


def json_line(frame: FrameRecord) -> str:
    """Return the frame as one line; coordinates to a hundredth of a pixel."""
    record = {
        "frame_index": frame.frame_index,
        **_place(frame),
        "unseen": frame.unseen,
        "detections": [_box(box) for box in frame.boxes],
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _place(frame: FrameRecord) -> dict[str, Any]:
    if frame.file_name is None:
        return {"pts": frame.pts, "time_seconds": round(frame.time_seconds, 6)}
    width, height = frame.size_px
    return {"file_name": frame.file_name, "width": width, "height": height}


def _box(box: LoggedBox) -> dict[str, Any]:
    values: dict[str, Any] = {
        "class_id": box.class_id,
        "class_name": box.class_name,
        "confidence": round(box.confidence, 4),
        "x_min": round(box.x_min, 2),
        "y_min": round(box.y_min, 2),
        "x_max": round(box.x_max, 2),
        "y_max": round(box.y_max, 2),
        "tracker_id": box.tracker_id,
        "interpolated": box.interpolated,
    }
    if box.detected_as is not None:
        values["detected_as"] = box.detected_as
    return values
