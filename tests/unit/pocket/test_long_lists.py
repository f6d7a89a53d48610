"""Of a long list most words are passed over: what is shown, and what came near, must not change by that."""

import numpy as np
import pytest

from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary
from workers.detectors.pocket.detector import NEAR_MISS, PocketDetector
from workers.detectors.pocket.packed_looks import pack
from workers.detectors.pocket.scoring import Reading

WORDS, REGIONS = 5000, 8


@pytest.fixture(scope="module", params=[0, 1])
def readings(detector: PocketDetector, request: pytest.FixtureRequest) -> tuple[Reading, Reading]:
    """Of words like known names and regions like others: everything scored, and only what comes near."""
    rng, known = np.random.default_rng(request.param), detector._scorer.known
    like = known.rows_AD[rng.integers(len(known.rows_AD), size=WORDS)]
    rows = like + rng.normal(scale=0.03, size=like.shape) + known.mean_D
    words = EmbeddedVocabulary(
        vocabulary=Vocabulary(name="w", labels=tuple(f"word {i}" for i in range(WORDS))),
        embeddings=rows.astype(np.float32),
    )
    looks = known.rows_AD[rng.integers(len(known.rows_AD), size=REGIONS)]
    looks = looks + rng.normal(scale=0.02, size=looks.shape)
    packed = pack(looks.astype(np.float32), rng.normal(scale=3, size=(REGIONS, 1000)).astype(np.float32))
    objectness = rng.uniform(0.05, 1, size=REGIONS).astype(np.float32)
    scorer = detector._scorer
    every = scorer.read(packed, objectness, words, words_per_region=3)
    return every, scorer.read(packed, objectness, words, words_per_region=3, least=NEAR_MISS)


def test_what_is_shown_is_the_same(readings: tuple[Reading, Reading]) -> None:
    every, near = readings
    shown = every.scores_RW >= NEAR_MISS

    assert shown.sum() > REGIONS / 2
    assert np.array_equal(near.labels_RW[shown], every.labels_RW[shown])
    assert np.allclose(near.scores_RW[shown], every.scores_RW[shown], atol=1e-5)


def test_so_is_how_near_words_came(readings: tuple[Reading, Reading]) -> None:
    every, near = readings
    told = every.label_scores_C >= NEAR_MISS

    assert np.allclose(near.label_scores_C[told], every.label_scores_C[told], atol=1e-5)
    assert (near.label_scores_C <= every.label_scores_C + 1e-5).all()


def test_most_words_are_passed_over(readings: tuple[Reading, Reading]) -> None:
    _, near = readings

    assert (near.label_scores_C == 0).mean() > 0.25
