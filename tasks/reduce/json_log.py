"""`detections.jsonl`: one JSON object a frame, for programs."""

import json
from typing import Any

from tasks.reduce.frames import FrameRecord


def json_line(frame: FrameRecord) -> str:
    """Return the frame as one line; coordinates to a hundredth of a pixel."""
    record = {
        "frame_index": frame.frame_index,
        "pts": frame.pts,
        "time_seconds": round(frame.time_seconds, 6),
        "unseen": frame.unseen,
        "detections": [_detection(row) for row in frame.detections],
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _detection(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "class_id": row["class_id"],
        "class_name": row["class_name"],
        "confidence": round(row["confidence"], 4),
        "x_min": round(row["x_min"], 2),
        "y_min": round(row["y_min"], 2),
        "x_max": round(row["x_max"], 2),
        "y_max": round(row["y_max"], 2),
        "tracker_id": row["tracker_id"],
    }
