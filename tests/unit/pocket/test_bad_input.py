import numpy as np
import pytest

from tests.unit.pocket.conftest import Embed
from tests.unit.pocket.pictures import noise
from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary, Frame
from workers.detectors.errors import FrameError
from workers.detectors.pocket.detector import PocketDetector

SIZES_HW = [(1, 1), (1, 500), (500, 1), (2, 3), (4320, 7680)]


@pytest.mark.parametrize("size_hw", SIZES_HW)
def test_any_size_is_handled(detector: PocketDetector, embed: Embed, size_hw: tuple[int, int]) -> None:
    frame = np.full((*size_hw, 3), 90, np.uint8)

    found = detector.detect([frame], embed("person"), threshold=0.0, regions=5)[0]

    height, width = size_hw
    assert np.isfinite(found.scores).all()
    assert (found.boxes_xyxy_px >= 0).all()
    assert (found.boxes_xyxy_px <= [width, height, width, height]).all()


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((20, 20), np.uint8),
        np.zeros((20, 20, 4), np.uint8),
        np.zeros((20, 20, 3), np.float32),
        np.zeros((0, 20, 3), np.uint8),
    ],
    ids=["greyscale", "alpha", "float", "empty"],
)
def test_anything_but_rgb_is_one_clear_error(detector: PocketDetector, embed: Embed, frame: Frame) -> None:
    with pytest.raises(FrameError, match="must be"):
        detector.detect([frame], embed("person"), threshold=0.5)


def test_frames_of_two_sizes_are_one_clear_error(detector: PocketDetector, embed: Embed) -> None:
    with pytest.raises(FrameError, match="one size"):
        detector.detect([noise(20, 20), noise(20, 30)], embed("person"), threshold=0.5)


def test_twenty_thousand_labels_are_scored(detector: PocketDetector) -> None:
    labels = tuple(f"thing {i}" for i in range(20_000))
    rows = np.random.default_rng(0).normal(size=(20_000, 384)).astype(np.float32)
    words = EmbeddedVocabulary(vocabulary=Vocabulary(name="many", labels=labels), embeddings=rows)

    found = detector.detect([noise(90, 160)], words, threshold=0.0)[0]

    assert len(found) > 0
    assert found.label_ids.max() < 20_000


@pytest.mark.parametrize("label", ["犬", "собака", "كلب", "🐕", "dog " * 200 + "end", "{}"])
def test_any_string_is_a_label(detector: PocketDetector, embed: Embed, label: str) -> None:
    found = detector.detect([noise(90, 160)], embed(label), threshold=0.0)[0]

    assert np.isfinite(found.scores).all()
