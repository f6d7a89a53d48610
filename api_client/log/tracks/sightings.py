"""What is known of one track."""

from dataclasses import dataclass, field
from typing import NamedTuple

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Sightings:
    """One track while it is followed. Mutable: a detection is added at a time."""

    first_frame: int
    last_frame: int = 0
    frames_seen: int = 0
    best_confidence: float = -1.0
    best_frame: int = 0
    best_box_xyxy_px: Box = (0.0, 0.0, 0.0, 0.0)
    votes: dict[int, float] = field(default_factory=dict)
    """Label → sum of the confidences of the detections that say so."""
    label: int = -1
    """The one with most votes; of equals the one named first in the vocabulary."""

    def add(self, frame_index: int, class_id: int, confidence: float, box_xyxy_px: Box) -> int:
        """Take in one detection; return the label that leads now."""
        self.last_frame = frame_index
        self.frames_seen += 1
        if confidence > self.best_confidence:
            self.best_confidence, self.best_frame = confidence, frame_index
            self.best_box_xyxy_px = box_xyxy_px
        votes = self.votes[class_id] = self.votes.get(class_id, 0.0) + confidence
        if class_id != self.label:
            most = self.votes.get(self.label, 0.0)
            if votes > most or (votes == most and class_id < self.label):
                self.label = class_id
        return self.label


class Track(NamedTuple):
    """One finished track: a row of `tracks.parquet`."""

    tracker_id: int
    """From 1, in order of first appearance."""
    class_id: int
    """The label by vote."""
    first_frame: int
    last_frame: int
    best_confidence: float
    best_frame: int
    best_box_xyxy_px: Box
    votes: dict[int, float]
    """Label → sum of confidences."""

    @classmethod
    def of(cls, tracker_id: int, seen: Sightings) -> "Track":
        """Finish a track under this identity."""
        return cls(
            tracker_id,
            seen.label,
            seen.first_frame,
            seen.last_frame,
            seen.best_confidence,
            seen.best_frame,
            seen.best_box_xyxy_px,
            seen.votes,
        )
