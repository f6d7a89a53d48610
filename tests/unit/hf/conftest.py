"""Tiny models of every family, written once, loaded as a user's would be."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers", reason="transformers is not there: pip install '.[hf]'")

from tests.unit.hf.tiny_models import write_model
from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary
from workers.detectors.hf.detector import HfDetector
from workers.detectors.registry import load_detector

Ask = Callable[..., list]


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory) -> Callable[[str], Path]:
    root = tmp_path_factory.mktemp("models")
    return cache(lambda family: write_model(family, root / family))


@pytest.fixture(scope="session")
def detector_of(folder_of) -> Callable[[str], HfDetector]:
    return cache(lambda family: load_detector(f"hf:{folder_of(family)}", device="cpu"))


@pytest.fixture(scope="session")
def frames() -> list[np.ndarray]:
    """Two frames that are no square."""
    random = np.random.default_rng(7)
    return [random.integers(0, 256, (48, 80, 3), dtype=np.uint8) for _ in range(2)]


def embedded(detector: HfDetector, *labels: str) -> EmbeddedVocabulary:
    vocabulary = Vocabulary(name="test", labels=labels)
    rows = detector.text_encoder.encode([f"a {label}" for label in labels])
    return EmbeddedVocabulary(vocabulary=vocabulary, embeddings=rows)


def boxes_of(found, label_id: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and scores of one word, best first."""
    own = found.label_ids == label_id
    return found.boxes_xyxy_px[own], found.scores[own]
