"""A detector for tests of the plumbing: it finds squares of strong colour, by NumPy alone."""

import hashlib
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workers.detectors import Detections, EmbeddedVocabulary, Frame, Progress, Regions

_COLOURS = {"red": 0, "green": 1, "blue": 2}


class ColourNames:
    """Embeds a sentence as which colours it names."""

    identity = "colour-names"

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        return np.array([[colour in s for colour in _COLOURS] for s in sentences], np.float32)


class ColourDetector:
    name = "colours"
    weights_digest = hashlib.sha256(b"colours").hexdigest()
    batch_size = 4
    default_threshold = 0.3
    text_encoder = ColourNames()

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        return [self._detect(frame, vocabulary, threshold, regions) for frame in frames]

    def _detect(
        self, frame: Frame, vocabulary: EmbeddedVocabulary, threshold: float, regions: int
    ) -> Detections:
        others = [frame[..., [c for c in range(3) if c != k]].max(-1) for k in range(3)]
        found = [(k, _box(frame[..., k].astype(int) - others[k] > 80)) for k in range(3)]
        kept = [(k, box, score) for k, hit in found if hit for box, score in [hit] if score >= threshold]
        kept = [(i, b, s) for k, b, s in kept for i, e in enumerate(vocabulary.embeddings) if e[k]]
        kept.sort(key=lambda hit: -hit[2])
        boxes = np.array([box for _, box, _ in kept], np.float32).reshape(-1, 4)
        scores = np.array([score for _, _, score in kept], np.float32)
        return Detections(
            boxes_xyxy_px=boxes,
            scores=scores,
            label_ids=np.array([label for label, _, _ in kept], np.int32),
            regions=_regions(boxes, scores) if regions else None,
        )


def _box(mask: NDArray[np.bool_]) -> tuple[tuple[int, int, int, int], float] | None:
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    if not len(rows):
        return None
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    area = (box[2] - box[0]) * (box[3] - box[1])
    return box, float(mask.sum() / area)


def _regions(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> Regions:
    return Regions(boxes_xyxy_px=boxes, objectness=scores, features=np.zeros((len(boxes), 3), np.float16))


def load(*, device: object, weights: Path | None) -> ColourDetector:
    return ColourDetector()


class SlowDetector(ColourDetector):
    """Takes its time, so that a test can interrupt it."""

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        time.sleep(0.3)
        return super().detect(frames, vocabulary, threshold=threshold, regions=regions)


def load_slow(*, device: object, weights: Path | None) -> SlowDetector:
    return SlowDetector()


class DeadlyDetector(ColourDetector):
    """Kills its process at a frame without red, as a driver's bug or the out-of-memory killer would."""

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        if any((frame[..., 0] > 200).sum() < 10 for frame in frames):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().detect(frames, vocabulary, threshold=threshold, regions=regions)


def load_deadly(*, device: object, weights: Path | None) -> DeadlyDetector:
    return DeadlyDetector()
