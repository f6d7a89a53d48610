"""The shipped detector, loaded once, and vocabularies embedded with its own text encoder."""

from collections.abc import Callable

import pytest

from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary
from workers.detectors.pocket import load
from workers.detectors.pocket.detector import PocketDetector

Embed = Callable[..., EmbeddedVocabulary]


@pytest.fixture(scope="session")
def detector() -> PocketDetector:
    return load(device="cpu")


@pytest.fixture(scope="session")
def embed(detector: PocketDetector) -> Embed:
    def embed(*labels: str) -> EmbeddedVocabulary:
        vocabulary = Vocabulary(name="test", labels=labels)
        sentences = [vocabulary.sentences(label)[0] for label in labels]
        return EmbeddedVocabulary(vocabulary=vocabulary, embeddings=detector.text_encoder.encode(sentences))

    return embed
