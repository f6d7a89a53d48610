"""Detectors that find nothing: one that costs nothing, and one that waits as a CPU waits for a GPU."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.detectors import Detections, EmbeddedVocabulary
from workers.detectors.protocol import Frame, Progress, TextEncoder

FRAME_SECONDS = 0.025


class NoWords:
    """A `TextEncoder` whose words all mean the same."""

    identity = "none"

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:  # noqa: ARG002
        """Return zeros."""
        return np.zeros((len(sentences), 4), np.float32)


class Waiting:
    """A `Detector` that finds nothing, and takes its time."""

    name = "waiting"
    weights_digest = "0" * 64
    batch_size = 8
    default_threshold = 0.5
    text_encoder: TextEncoder = NoWords()

    def __init__(self, frame_seconds: float) -> None:
        self._frame_seconds = frame_seconds

    def detect(
        self,
        frames: Sequence[Frame],
        vocabulary: EmbeddedVocabulary,  # noqa: ARG002
        *,
        threshold: float,  # noqa: ARG002
        regions: int = 0,  # noqa: ARG002
    ) -> list[Detections]:
        """Wait for as long as the frames take."""
        if self._frame_seconds:
            time.sleep(self._frame_seconds * len(frames))
        return [
            Detections(
                boxes_xyxy_px=np.zeros((0, 4), np.float32),
                scores=np.zeros(0, np.float32),
                label_ids=np.zeros(0, np.int32),
            )
            for _ in frames
        ]


def load(**_: object) -> Waiting:
    """Make the simulated GPU: `-d python:benchmarks.bench.simulated:load`."""
    return Waiting(FRAME_SECONDS)
