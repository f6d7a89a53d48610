"""`summary.json`: what was seen, how often, first and last when."""

import json
from dataclasses import dataclass, field
from typing import Any

from tasks.reduce.frames import FrameRecord


@dataclass(kw_only=True)
class ClassSummary:
    """One class over the whole video. Mutable: it is counted up frame by frame."""

    detections: int = 0
    frames: int = 0
    most_in_one_frame: int = 0
    highest_confidence: float = 0.0
    first_seen_seconds: float = 0.0
    last_seen_seconds: float = 0.0
    first_seen_frame: int = 0
    last_seen_frame: int = 0

    def add(self, frame: FrameRecord, confidences: list[float]) -> None:
        """Count one frame in which the class was found."""
        if not self.frames:
            self.first_seen_seconds, self.first_seen_frame = frame.time_seconds, frame.frame_index
        self.last_seen_seconds, self.last_seen_frame = frame.time_seconds, frame.frame_index
        self.detections += len(confidences)
        self.frames += 1
        self.most_in_one_frame = max(self.most_in_one_frame, len(confidences))
        self.highest_confidence = max(self.highest_confidence, *confidences)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, rounded as in the log."""
        return {
            name: round(value, 6) if isinstance(value, float) else value for name, value in vars(self).items()
        }


@dataclass(kw_only=True)
class Summary:
    """The whole video, counted up frame by frame."""

    frames: int = 0
    frames_looked_at: int = 0
    detections: int = 0
    classes: dict[str, ClassSummary] = field(default_factory=dict)

    def add(self, frame: FrameRecord) -> None:
        """Count one frame."""
        self.frames += 1
        self.frames_looked_at += frame.unseen is None
        self.detections += len(frame.detections)
        confidences: dict[str, list[float]] = {}
        for row in frame.detections:
            confidences.setdefault(row["class_name"], []).append(row["confidence"])
        for name, values in confidences.items():
            self.classes.setdefault(name, ClassSummary()).add(frame, values)

    def to_bytes(self, *, labels: tuple[str, ...], gaps: list[dict[str, Any]]) -> bytes:
        """Return the JSON; classes by falling number of frames, then those that were not found."""
        by_frames = sorted(self.classes.items(), key=lambda item: (-item[1].frames, item[0]))
        document = {
            "frames": self.frames,
            "frames_looked_at": self.frames_looked_at,
            "detections": self.detections,
            "classes": {name: counted.to_json() for name, counted in by_frames},
            "not_found": [label for label in labels if label not in self.classes],
            "gaps": gaps,
        }
        return json.dumps(document, indent=1, ensure_ascii=False).encode()
