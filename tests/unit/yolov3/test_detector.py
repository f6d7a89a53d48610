"""Frames of any shape in, boxes of the user's words out."""

import numpy as np
import pytest
import torch

from vocabularies import Vocabulary
from workers.detectors.protocol import EmbeddedVocabulary
from workers.detectors.yolov3.config import Yolov3Config
from workers.detectors.yolov3.detector import Yolov3Detector
from workers.detectors.yolov3.letterbox import Letterbox


@pytest.fixture(scope="module")
def detector(network) -> Yolov3Detector:
    config = Yolov3Config(side_px=96)
    return Yolov3Detector(network, config, weights_digest="0" * 64, device=torch.device("cpu"))


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    random = np.random.default_rng(5)
    return [random.integers(0, 256, (90, 160, 3), dtype=np.uint8) for _ in range(2)]


def words(*labels: str) -> EmbeddedVocabulary:
    vocabulary = Vocabulary(name="test", labels=labels)
    return EmbeddedVocabulary(vocabulary=vocabulary, embeddings=np.zeros((len(labels), 1), np.float32))


@pytest.mark.parametrize(
    ("frame_hw_px", "inner_hw_px", "corner"),
    [((90, 160), (54, 96), (21, 0)), ((160, 90), (96, 54), (0, 21)), ((50, 50), (96, 96), (0, 0))],
)
def test_a_frame_lies_in_the_middle_and_boxes_find_back(frame_hw_px, inner_hw_px, corner) -> None:
    box = Letterbox.of(frame_hw_px, 96)
    top, left = box.corner_yx_px
    (height, width), inner = frame_hw_px, box.inner_hw_px

    whole = torch.tensor([[left, top, left + inner[1], top + inner[0]]], dtype=torch.float32)

    assert (inner, (top, left)) == (inner_hw_px, corner)
    torch.testing.assert_close(box.to_frame(whole), torch.tensor([[0.0, 0, width, height]]))


def test_what_is_beside_the_frame_is_grey(frames) -> None:
    square = Letterbox.of((90, 160), 96).put(frames, torch.device("cpu"))

    assert square.shape == (2, 3, 96, 96)
    assert (square[:, :, :21] == 0.5).all()
    assert square[:, :, 21:75].std() > 0.1


def test_a_frame_does_not_depend_on_its_neighbour(detector, frames) -> None:
    vocabulary = words("person", "dog", "sofa")
    together = detector.detect(frames, vocabulary, threshold=0.3)

    for frame, beside in zip(frames, together, strict=True):
        (alone,) = detector.detect([frame], vocabulary, threshold=0.3)
        assert len(alone) == len(beside) > 0
        np.testing.assert_allclose(alone.scores, beside.scores, atol=1e-4)


def test_a_word_does_not_depend_on_the_others(detector, frames) -> None:
    (alone,) = detector.detect(frames[:1], words("dog"), threshold=0.3)
    (among,) = detector.detect(frames[:1], words("person", "couch", "dog"), threshold=0.3)

    dogs = among.label_ids == 2
    np.testing.assert_array_equal(among.boxes_xyxy_px[dogs], alone.boxes_xyxy_px)
    assert among.label_scores[2] == alone.label_scores[0] == alone.scores.max()


def test_boxes_lie_in_the_frame_best_first_and_apart(detector, frames) -> None:
    (found,) = detector.detect(frames[:1], words("person"), threshold=0.2)

    x_min, y_min, x_max, y_max = found.boxes_xyxy_px.T
    assert (x_min >= 0).all()
    assert (y_min >= 0).all()
    assert (x_max <= 160).all()
    assert (y_max <= 90).all()
    assert (np.diff(found.scores) <= 0).all()
    assert (found.scores > 0.2).all()


def test_unknown_words_are_told(detector) -> None:
    said = detector.facts(words("person", "kitten").vocabulary)

    assert said.facts["not_known"] == {"kitten": "cat"}
    assert "cannot find 'kitten' (nearest: 'cat')" in said.notes[0]
