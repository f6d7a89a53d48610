"""The colour detector, which a test can stop at a batch, and detectors that go wrong at a grey frame.

`python:tests.chaos.detectors:load`
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.chaos.gates import gate
from tests.colour_detector import ColourDetector
from workers.detectors import Detections, EmbeddedVocabulary, Frame


class GatedDetector(ColourDetector):
    """Stops where a test wants it."""

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        gate("detect")
        return super().detect(frames, vocabulary, threshold=threshold, regions=regions)


class TroubledDetector(ColourDetector):
    """Finds what the colour detector finds, and does its own to the results of batches with a grey frame."""

    def __init__(self, trouble: Callable[[list[Detections]], list[Detections]]) -> None:
        self._trouble = trouble

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        found = super().detect(frames, vocabulary, threshold=threshold, regions=regions)
        is_grey = any((frame[..., 0] > 200).sum() < 10 for frame in frames)
        return self._trouble(found) if is_grey else found


def _raise(_: list[Detections]) -> list[Detections]:
    raise ValueError("the first line\nthe second\x1b[31m line")


def _raise_memory_error(_: list[Detections]) -> list[Detections]:
    raise MemoryError("no memory for 3 GiB")


def _raise_system_exit(_: list[Detections]) -> list[Detections]:
    sys.exit(3)


def _exit(_: list[Detections]) -> list[Detections]:
    os._exit(3)


def _die(_: list[Detections]) -> list[Detections]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def _hang(_: list[Detections]) -> list[Detections]:
    while True:
        time.sleep(3600)


def _eat_memory(_: list[Detections]) -> list[Detections]:
    eaten = []
    while True:
        eaten.append(np.ones(4 << 20))
        time.sleep(0.02)


def _find_nan(found: list[Detections]) -> list[Detections]:
    count = 1
    nonsense = Detections(
        boxes_xyxy_px=np.full((count, 4), np.nan, np.float32),
        scores=np.full(count, 0.9, np.float32),
        label_ids=np.zeros(count, np.int32),
    )
    return [nonsense for _ in found]


def _find_unknown_label(found: list[Detections]) -> list[Detections]:
    nonsense = Detections(
        boxes_xyxy_px=np.array([[1, 1, 9, 9]], np.float32),
        scores=np.array([0.9], np.float32),
        label_ids=np.array([77], np.int32),
    )
    return [nonsense for _ in found]


def _find_too_few(found: list[Detections]) -> list[Detections]:
    return found[:-1]


TROUBLES = {
    function.__name__.removeprefix("_"): function
    for function in (
        _raise, _raise_memory_error, _raise_system_exit, _exit, _die, _hang, _eat_memory,
        _find_nan, _find_unknown_label, _find_too_few,
    )
}  # fmt: skip


def load(*, device: object, weights: Path | None) -> GatedDetector:
    return GatedDetector()


def __getattr__(name: str) -> Callable[..., TroubledDetector]:
    """`load_raise`, `load_hang`, …"""
    trouble = TROUBLES.get(name.removeprefix("load_"))
    if trouble is None:
        raise AttributeError(name)
    return lambda *, device, weights: TroubledDetector(trouble)
