"""A detector of twenty-three kinds and no others, with weights that are published, to compare with.

    npm pack @mediapipe/objectron && tar xzf mediapipe-objectron-*.tgz
    python -m benchmarks.fixed_detector package/objectron_solution_packed_assets.data ssd.tflite
    export HORATIO_ALLOW_PYTHON_DETECTORS=1 PYTHONPATH=$PWD
    client submit dog.mp4 -v "dog, person" -d python:benchmarks.fixed_detector:load --weights ssd.tflite

SSD on MobileNetV2, trained on some of Open Images' kinds (from MediaPipe's Objectron, Apache-2.0). Small, and
of 2018: a baseline. Anchors and coding are those of TensorFlow's object detection API (Liu et al. 2016; Huang
et al. 2017).

Legend: N anchors, K the network's kinds, W the user's words.
"""

import argparse
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vocabularies import Vocabulary
from workers.detectors import Detections, EmbeddedVocabulary, Frame
from workers.detectors.facts import Facts
from workers.detectors.fixed_vocabulary import Chosen, choose
from workers.detectors.names_only import NamesOnly
from workers.detectors.nearest_meaning import nearest_meaning

Numbers = NDArray[np.float32]

NAMES = (
    "bicycle", "boot", "laptop", "person", "chair", "cattle", "desk", "cat", "computer mouse",
    "computer monitor", "box", "mug", "coffee cup", "stationary bicycle", "table", "bottle", "high heels",
    "vehicle", "footwear", "dog", "book", "camera", "car",
)  # fmt: skip
"""In the order of the network's outputs, before which it has one for nothing."""
_NETWORK = slice(184, 9_987_912)
"""Of the package's file, after the names."""
_SIDE_PX = 300
_CELLS = (19, 10, 5, 3, 2, 1)
_SMALLEST, _LARGEST = 0.2, 0.95
_CODED = np.array([10, 10, 5, 5], np.float32)
_SAME_OBJECT_IOU = 0.6
_BOXES, _KINDS = "BoxEncodingPredictor/BiasAdd", "ClassPredictor/BiasAdd"
"""Parts of the names of the layers that say what there is; OpenCV 5.0 mixes up what follows the former."""


def load(*, device: str, weights: Path | None) -> "FixedDetector":
    """Make the detector; `device` is not asked: it computes on the CPU."""
    del device
    if weights is None:
        raise ValueError("name the network's file: --weights ssd.tflite")
    return FixedDetector(Path(weights))


class FixedDetector:
    """Finds `NAMES`; the user's words choose among them. Not thread-safe."""

    name = "python:benchmarks.fixed_detector:load"
    batch_size = 1
    default_threshold = 0.4
    text_encoder = NamesOnly()
    rescorer = None

    def __init__(self, weights: Path) -> None:
        self.weights_digest = sha256(weights.read_bytes()).hexdigest()
        self._network = cv2.dnn.readNetFromTFLite(str(weights), cv2.dnn.ENGINE_CLASSIC)
        layers = self._network.getLayerNames()
        self._outputs = [name for part in (_BOXES, _KINDS) for name in layers if part in name]
        self._anchors_N4 = np.array(list(_anchors()), np.float32)
        self._chosen: tuple[str, Chosen] | None = None

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """See `Detector.detect`. Regions are never kept."""
        del regions
        label_of_name_K = self._choose(vocabulary.vocabulary).label_of_name
        words = len(vocabulary.vocabulary.labels)
        return [self._one(frame, label_of_name_K, words, threshold) for frame in frames]

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """Which words cannot be found."""
        chosen = self._choose(vocabulary)
        return Facts(facts={"side_px": _SIDE_PX, "not_known": dict(chosen.unknown)}, notes=chosen.notes)

    def _choose(self, vocabulary: Vocabulary) -> Chosen:
        if self._chosen is None or self._chosen[0] != vocabulary.digest:
            self._chosen = vocabulary.digest, choose(NAMES, vocabulary, nearest_meaning)
        return self._chosen[1]

    def _one(
        self, frame: Frame, label_of_name_K: NDArray[np.int32], words: int, threshold: float
    ) -> Detections:
        self._network.setInput(cv2.dnn.blobFromImage(frame, 1 / 127.5, (_SIDE_PX, _SIDE_PX), (127.5,) * 3))
        outputs = self._network.forward(self._outputs)
        coded_N4, logits_NK = _rows(outputs[: len(_CELLS)], 4), _rows(outputs[len(_CELLS) :], 1 + len(NAMES))
        boxes_N4 = self._decoded(coded_N4) * np.tile(np.array(frame.shape[1::-1], np.float32), 2)
        boxes_N4 = boxes_N4.clip(0, np.tile(np.array(frame.shape[1::-1], np.float32), 2))
        scores_NK = 1 / (1 + np.exp(-logits_NK[:, 1:]))
        asked_K = np.flatnonzero(label_of_name_K >= 0)
        best_W = np.zeros(words, np.float32)
        best_W[label_of_name_K[asked_K]] = scores_NK[:, asked_K].max(axis=0)
        found = [
            (kind, place)
            for kind in asked_K
            for place in _suppressed(boxes_N4, scores_NK[:, kind], threshold)
        ]
        found.sort(key=lambda one: -scores_NK[one[1], one[0]])
        kinds, places = np.array(found, np.int64).reshape(-1, 2).T
        return Detections(
            boxes_xyxy_px=boxes_N4[places],
            scores=scores_NK[places, kinds],
            label_ids=label_of_name_K[kinds],
            label_scores=best_W,
        )

    def _decoded(self, coded_N4: Numbers) -> Numbers:
        """From (y, x, height, width) beside anchors to corners, in parts of the frame."""
        coded_N4, anchors_N4 = coded_N4 / _CODED, self._anchors_N4
        centre_N2 = anchors_N4[:, :2] + coded_N4[:, :2] * anchors_N4[:, 2:]
        half_N2 = np.exp(coded_N4[:, 2:]) * anchors_N4[:, 2:] / 2
        return np.hstack([(centre_N2 - half_N2)[:, ::-1], (centre_N2 + half_N2)[:, ::-1]])


def _rows(outputs: Sequence[Numbers], columns: int) -> Numbers:
    """A row an anchor, in the order of `_anchors`, of layers of (1, anchors x columns, cells, cells)."""
    return np.vstack([output[0].transpose(1, 2, 0).reshape(-1, columns) for output in outputs])


def _anchors() -> Iterator[tuple[float, float, float, float]]:
    """(y, x, height, width) of each, in parts of the frame."""
    step = (_LARGEST - _SMALLEST) / (len(_CELLS) - 1)
    sizes = [_SMALLEST + step * layer for layer in range(len(_CELLS))] + [1.0]
    for layer, cells in enumerate(_CELLS):
        size = sizes[layer]
        shapes = [(size, ratio) for ratio in (1.0, 2.0, 0.5, 3.0, 1 / 3)]
        shapes.append((float(np.sqrt(size * sizes[layer + 1])), 1.0))
        if layer == 0:
            shapes = [(0.1, 1.0), (size, 2.0), (size, 0.5)]
        for row in range(cells):
            for column in range(cells):
                for scale, ratio in shapes:
                    root = ratio**0.5
                    yield (row + 0.5) / cells, (column + 0.5) / cells, scale / root, scale * root


def _suppressed(boxes_N4: Numbers, scores_N: Numbers, threshold: float) -> list[int]:
    """Places of the boxes of one kind that stay, of several round one thing the surest."""
    likely = np.flatnonzero((scores_N >= threshold) & (boxes_N4[:, 2:] > boxes_N4[:, :2]).all(axis=1))
    sides = boxes_N4[likely, 2:] - boxes_N4[likely, :2]
    rectangles = np.hstack([boxes_N4[likely, :2], sides]).tolist()
    stay = cv2.dnn.NMSBoxes(rectangles, scores_N[likely].tolist(), threshold, _SAME_OBJECT_IOU)
    return [int(likely[index]) for index in np.reshape(stay, -1)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("package", type=Path)
    parser.add_argument("network", type=Path)
    arguments = parser.parse_args()
    arguments.network.write_bytes(arguments.package.read_bytes()[_NETWORK])
    print(f"{arguments.network}: {sha256(arguments.network.read_bytes()).hexdigest()}")
