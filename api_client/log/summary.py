"""`summary.json`: what was seen, how often, first and last when."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api_client.contract.marker import Gap
from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord


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
    best_frame: int = 0
    pictures: dict[int, str] = field(default_factory=dict)
    """Of pictures: frame → name, of those three."""

    def add(self, frame: FrameRecord, confidences: list[float]) -> None:
        """Count one frame in which the class was found."""
        if not self.frames:
            self.first_seen_seconds, self.first_seen_frame = frame.time_seconds, frame.frame_index
        self.last_seen_seconds, self.last_seen_frame = frame.time_seconds, frame.frame_index
        self.detections += len(confidences)
        self.frames += 1
        self.most_in_one_frame = max(self.most_in_one_frame, len(confidences))
        if max(confidences) > self.highest_confidence:
            self.highest_confidence, self.best_frame = max(confidences), frame.frame_index
        if frame.file_name is not None:
            self._note_picture(frame.frame_index, frame.file_name)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, rounded as in the log. Pictures have names in place of times."""
        values = {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in vars(self).items()
            if name != "pictures" and not (self.pictures and name.endswith("_seconds"))
        }
        if not self.pictures:
            return values
        return values | {
            "first_seen_in": self.pictures[self.first_seen_frame],
            "last_seen_in": self.pictures[self.last_seen_frame],
            "best_in": self.pictures[self.best_frame],
        }

    def _note_picture(self, frame_index: int, name: str) -> None:
        self.pictures[frame_index] = name
        wanted = {self.first_seen_frame, self.last_seen_frame, self.best_frame}
        self.pictures = {frame: known for frame, known in self.pictures.items() if frame in wanted}


@dataclass(kw_only=True)
class Summary:
    """The whole video, counted up frame by frame. What is interpolated is no detection and not counted."""

    frames: int = 0
    frames_looked_at: int = 0
    detections: int = 0
    classes: dict[str, ClassSummary] = field(default_factory=dict)
    overruled: dict[str, Counter[str]] = field(default_factory=dict)
    """Label → what its detections are told as, whose tracks have another label."""

    def add(self, frame: FrameRecord) -> None:
        """Count one frame."""
        self.frames += 1
        self.frames_looked_at += frame.unseen is None
        detections = frame.detections
        self.detections += len(detections)
        confidences: dict[str, list[float]] = {}
        for box in detections:
            confidences.setdefault(box.class_name, []).append(box.confidence)
            self._note_overruled(box)
        for name, values in confidences.items():
            self.classes.setdefault(name, ClassSummary()).add(frame, values)

    def to_bytes(
        self,
        *,
        labels: tuple[str, ...],
        gaps: Iterable[Gap],
        objects: Counter[str] | None,
        near_misses: Mapping[str, float],
    ) -> bytes:
        """Return the JSON; classes by falling number of frames, then those that were not found.

        objects: label → how many tracks have it, or None where nothing was followed.
        near_misses: label → best score below the threshold.
        """
        by_frames = sorted(self.classes.items(), key=lambda item: (-item[1].frames, item[0]))
        not_found = [label for label in labels if label not in self.classes]
        document = {
            "frames": self.frames,
            "frames_looked_at": self.frames_looked_at,
            "detections": self.detections,
            "objects": None if objects is None else objects.total(),
            "classes": {
                name: {"objects": None if objects is None else objects[name], **counted.to_json()}
                for name, counted in by_frames
            },
            "not_found": not_found,
            "told_as": self._told_as(not_found),
            "near_misses": _nearest(not_found, near_misses),
            "gaps": [gap.model_dump() for gap in gaps],
        }
        return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode()

    def _note_overruled(self, box: LoggedBox) -> None:
        if box.detected_as is not None:
            self.overruled.setdefault(box.detected_as, Counter())[box.class_name] += 1

    def _told_as(self, not_found: list[str]) -> dict[str, str]:
        """Of labels that were seen but not told: the one that most of their boxes have."""
        return {
            label: self.overruled[label].most_common(1)[0][0]
            for label in not_found
            if label in self.overruled
        }


def _nearest(not_found: list[str], near_misses: Mapping[str, float]) -> dict[str, float]:
    """Best score of each label that was not found but came near; highest first."""
    scores = {label: near_misses.get(label, 0.0) for label in not_found}
    nearest = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return {label: round(score, 4) for label, score in nearest if score > 0}
