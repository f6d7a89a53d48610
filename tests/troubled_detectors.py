"""The colour detector, with troubles."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from tests.colour_detector import ColourDetector
from workers.detectors import Detections, EmbeddedVocabulary, Frame


class SlowDetector(ColourDetector):
    """Takes its time, so that a test can interrupt it."""

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        time.sleep(0.3)
        return super().detect(frames, vocabulary, threshold=threshold, regions=regions)


class DeadlyDetector(ColourDetector):
    """Kills its process at a frame without red, as a driver's bug or the out-of-memory killer would."""

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        if any((frame[..., 0] > 200).sum() < 10 for frame in frames):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().detect(frames, vocabulary, threshold=threshold, regions=regions)


def load_slow(*, device: object, weights: Path | None) -> SlowDetector:
    return SlowDetector()


def load_deadly(*, device: object, weights: Path | None) -> DeadlyDetector:
    return DeadlyDetector()
