"""Phrases of real photographs, by the shipped detector."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api_client.asked_words import asked_vocabulary
from api_client.contract.thresholds import Thresholds
from workers.detectors import Detections, EmbeddedVocabulary
from workers.detectors.phrases.detector import PhraseDetector
from workers.detectors.pocket.detector import PocketDetector

PHOTOGRAPHS = Path(__file__).parents[4] / "shared/pocket-data/images/val"
RIDERS, PARKED = "coco_000000214753", "coco_000000457848"

pytestmark = pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="needs the photographs in ../shared")


def found(detector: PocketDetector, photograph: str, *labels: str) -> Detections:
    frame = np.asarray(Image.open(PHOTOGRAPHS / f"{photograph}.jpg").convert("RGB"))
    vocabulary = asked_vocabulary(labels)
    sentences = [f"a {word}" for word in (*vocabulary.words, *vocabulary.parts)]
    asked = EmbeddedVocabulary.of_rows(vocabulary, detector.text_encoder.encode(sentences))
    thresholds = Thresholds(default=detector.default_threshold)
    layer = PhraseDetector(detector, thresholds) if vocabulary.phrases else detector
    (one,) = layer.detect([frame], asked, threshold=detector.default_threshold)
    return one


def test_riders_are_shown_as_such_and_the_horses_as_horses(detector: PocketDetector) -> None:
    one = found(detector, RIDERS, "person", "horse", "person riding a horse", "person under horse")

    assert one.label_ids[:4].tolist() == [1, 2, 1, 2]
    assert set(one.label_ids[4:].tolist()) <= {1}


def test_what_is_said_of_words_is_the_same_with_and_without_phrases(detector: PocketDetector) -> None:
    alone = found(detector, RIDERS, "person", "horse")
    together = found(detector, RIDERS, "person", "horse", "person riding a horse")

    assert alone.label_scores is not None
    assert together.label_scores is not None
    np.testing.assert_array_equal(alone.label_scores, together.label_scores[:2])
    horses, still = alone.where(alone.label_ids == 1), together.where(together.label_ids == 1)
    np.testing.assert_array_equal(horses.boxes_xyxy_px, still.boxes_xyxy_px)
    np.testing.assert_array_equal(horses.scores, still.scores)


def test_a_phrase_is_found_alike_whatever_else_is_asked(detector: PocketDetector) -> None:
    alone = found(detector, RIDERS, "person riding a horse")
    together = found(detector, RIDERS, "dog", "blue motorcycle", "person riding a horse")

    phrase = together.where(together.label_ids == 2)
    np.testing.assert_array_equal(alone.boxes_xyxy_px, phrase.boxes_xyxy_px)
    np.testing.assert_array_equal(alone.scores, phrase.scores)


def test_the_colour_decides(detector: PocketDetector) -> None:
    labels = ("red motorcycle", "blue motorcycle", "green motorcycle")
    one = found(detector, PARKED, *labels)

    assert set(one.label_ids.tolist()) == {1}
