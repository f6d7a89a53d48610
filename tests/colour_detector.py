"""A detector of saturated colours in plain NumPy: a real function of the pixels, without a model.

`python:tests.colour_detector:load`
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions import Segment
from workers.detectors import Detections, EmbeddedVocabulary, Frame, Naming, Progress, Regions

COLOURS = {
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
    "yellow": (1, 1, 0),
    "magenta": (1, 0, 1),
    "cyan": (0, 1, 1),
}
MASK_SIDE = 28
MIN_PIXELS = 4


class ColourWords:
    """A `TextEncoder`: a sentence means the colour it names, or none."""

    identity = "colour-words"

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        return np.array([_colour_named_in(sentence) for sentence in sentences], np.float32)


class ColourRescorer:
    """A `Rescorer`: a look is the colour itself, and a word is as sure as it is that colour."""

    layout = (Segment(name="colour", count=3, coding="int8"),)
    looks_per_second = 10.0
    space = "colour"
    default_threshold = 0.5
    weights_digest = None

    def least_objectness(self, threshold: float) -> float:
        return threshold

    def name(
        self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary, *, words_per_region: int = 1
    ) -> Naming:
        chances_LC = self.chances(features_LF, vocabulary)
        order = np.argsort(-chances_LC, axis=1, kind="stable")[:, :words_per_region]
        return Naming(labels_LW=order, word_scores_LW=np.take_along_axis(chances_LC, order, axis=1))

    def chances(
        self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary
    ) -> NDArray[np.float32]:
        words = vocabulary.embeddings if len(vocabulary.embeddings) else np.zeros((0, 3), np.float32)
        distance_LC = np.abs(features_LF[:, None] - words[None]).max(axis=2)
        chances_LC = (distance_LC < 0.1).astype(np.float32)
        if vocabulary.learnt is None:
            return chances_LC
        learnt_LE, none_L = vocabulary.learnt.chances(self.compared(features_LF))
        return np.concatenate((chances_LC * none_L[:, None], learnt_LE), axis=1)

    def scores(
        self, objectness_R: NDArray[np.float32], word_scores_RW: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        return objectness_R[:, None] * word_scores_RW

    def compared(self, features_LF: NDArray[np.floating]) -> NDArray[np.float32]:
        return np.asarray(features_LF, np.float32)

    def ordinary(self) -> NDArray[np.float32]:
        return np.zeros((0, 3), np.float32)

    def detections(
        self,
        boxes_R4: NDArray[np.float32],
        objectness_R: NDArray[np.float32],
        naming: Naming,
        *,
        threshold: float,
    ) -> Detections:
        scores = objectness_R * naming.word_scores_LW[:, 0]
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] >= max(threshold, 1e-6)]
        return Detections(
            boxes_xyxy_px=boxes_R4[order],
            scores=scores[order].astype(np.float32),
            label_ids=naming.labels_LW[order, 0].astype(np.int32),
        )


class ColourDetector:
    """Finds the pixels of every colour in the vocabulary: one box a colour, as sure as the box is full."""

    name = "colour"
    weights_digest = "c0" * 32
    batch_size = 4
    default_threshold = 0.5
    text_encoder = ColourWords()
    rescorer = ColourRescorer()

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        if vocabulary.learnt is not None:
            return [self._detect_by_regions(frame, vocabulary, threshold, regions) for frame in frames]
        return [self._detect(frame, vocabulary.embeddings, threshold, regions) for frame in frames]

    def _detect_by_regions(
        self, frame: Frame, vocabulary: EmbeddedVocabulary, threshold: float, regions: int
    ) -> Detections:
        seen = _regions(frame, len(COLOURS))
        naming = self.rescorer.name(seen.features, vocabulary)
        found = self.rescorer.detections(seen.boxes_xyxy_px, seen.objectness, naming, threshold=threshold)
        return replace(found, regions=seen.best(regions) if regions else None)

    def _detect(
        self, frame: Frame, colours: NDArray[np.float32], threshold: float, regions: int
    ) -> Detections:
        found = [(label_id, _blob(frame, colour)) for label_id, colour in enumerate(colours) if colour.any()]
        kept = [(label_id, blob) for label_id, blob in found if blob is not None and blob[1] >= threshold]
        kept.sort(key=lambda item: -item[1][1])
        return Detections(
            boxes_xyxy_px=np.array([blob[0] for _, blob in kept], np.float32).reshape(-1, 4),
            scores=np.array([blob[1] for _, blob in kept], np.float32),
            label_ids=np.array([label_id for label_id, _ in kept], np.int32),
            masks=np.array([blob[2] for _, blob in kept], np.uint8).reshape(-1, MASK_SIDE, MASK_SIDE),
            regions=_regions(frame, regions) if regions else None,
        )


def load(*, device: object, weights: Path | None) -> ColourDetector:
    return ColourDetector()


def _colour_named_in(sentence: str) -> tuple[int, int, int]:
    words = sentence.lower().split()
    return next((colour for name, colour in COLOURS.items() if name in words), (0, 0, 0))


Blob = tuple[tuple[int, int, int, int], float, NDArray[np.uint8]]
"""(box, share of it that has the colour, mask)."""


def _blob(frame: Frame, colour: NDArray[np.float32]) -> Blob | None:
    matches = np.abs(frame / 255 - colour).max(axis=2) < 0.35
    if matches.sum() < MIN_PIXELS:
        return None
    rows, columns = np.flatnonzero(matches.any(axis=1)), np.flatnonzero(matches.any(axis=0))
    inside = matches[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    sample = [np.linspace(0, side - 1, MASK_SIDE).round().astype(int) for side in inside.shape]
    return box, float(inside.mean()), (255 * inside[np.ix_(*sample)]).astype(np.uint8)


def _regions(frame: Frame, at_most: int) -> Regions:
    found = [(blob, colour) for colour in COLOURS.values() if (blob := _blob(frame, np.array(colour)))]
    found = sorted(found, key=lambda item: -item[0][1])[:at_most]
    return Regions(
        boxes_xyxy_px=np.array([blob[0] for blob, _ in found], np.float32).reshape(-1, 4),
        objectness=np.array([blob[1] for blob, _ in found], np.float32),
        features=np.array([colour for _, colour in found], np.float16).reshape(-1, 3),
    )
