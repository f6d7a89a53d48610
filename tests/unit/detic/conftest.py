"""One small Detic for the tests that need a whole one, written and loaded as a user's would be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.detic.goldens import COMMITTED, INPUTS, weights
from training.detic.deterministic import text_encoder
from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary
from workers.detectors.detic.checkpoint import network_from, read_checkpoint
from workers.detectors.detic.config import RELEASES
from workers.detectors.detic.detector import DeticDetector
from workers.detectors.detic.inference import Inference


@pytest.fixture(scope="session")
def r18_path(tmp_path_factory) -> Path:
    """A checkpoint of deterministic weights."""
    path = tmp_path_factory.mktemp("weights") / "detic-r18.pth"
    torch.save({"model": weights("detic-r18", "committed")}, path)
    return path


@pytest.fixture(scope="session")
def detector(r18_path) -> DeticDetector:
    """A ResNet-18 Detic that reads pictures at 256 pixels."""
    torch.set_num_threads(1)
    release = RELEASES["detic-r18"]
    config = replace(release.config, input=INPUTS["committed"])
    checkpoint = read_checkpoint(r18_path)
    network = network_from(checkpoint, config, release)
    return DeticDetector(
        Inference(network, config, torch.device("cpu"), torch.float32),
        name="detic-r18",
        weights_digest=checkpoint.digest,
        config=config,
        text_encoder=text_encoder(),
    )


@pytest.fixture(scope="session")
def words() -> EmbeddedVocabulary:
    return embedded(np.load(COMMITTED / "vocabulary.npz")["words"])


def embedded(rows) -> EmbeddedVocabulary:
    labels = tuple(f"thing {index}" for index in range(len(rows)))
    return EmbeddedVocabulary(vocabulary=Vocabulary(name="test", labels=labels), embeddings=rows)
