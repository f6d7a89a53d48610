"""Very many looks asked at once: the scores of one by one, whatever was worked out before."""

import numpy as np
import pytest

from api_client.log.regions import decoded, encoded
from tests.unit.pocket.conftest import Embed
from vocabularies import Vocabulary
from vocabularies.learnt import LearntLabels
from vocabularies.learnt_file import LearntEntries
from workers.detectors import EmbeddedVocabulary
from workers.detectors.pocket.detector import PocketDetector
from workers.detectors.pocket.packed_looks import KEPT_NAMES
from workers.detectors.pocket.rescoring import LAYOUT, PocketRescorer

# taught by boxes, kinds of such, between both, and neither; lent to, as a kind or another spelling
WORDS = (
    *("person", "pug", "red backpack", "ladder", "woman", "giraffe", "xylophone", "vehicle"),
    *("canoe", "rocking chair", "goblet", "motorbike"),
)
AS_GOOD_AS_EQUAL = 0.01


@pytest.fixture
def rescorer(detector: PocketDetector) -> PocketRescorer:
    return detector.rescorer


@pytest.fixture
def looks(detector: PocketDetector, embed: Embed) -> np.ndarray:
    """Of things more or less like the words, as bytes; ImageNet's names at random."""
    rng = np.random.default_rng(0)
    known = detector.rescorer._scorer.known
    rows = np.repeat(known.unit(embed(*WORDS).embeddings), 40, axis=0)
    unlike = rng.normal(size=rows.shape) * rng.uniform(0.06, 0.1, (len(rows), 1))
    names = np.argsort(rng.random((len(rows), 1000)), axis=1)[:, :KEPT_NAMES]
    shares = rng.dirichlet([0.2] * KEPT_NAMES, len(rows))
    embedding = rows + unlike
    embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
    return encoded(
        np.concatenate((embedding, names, shares, rng.normal(size=(len(rows), 128))), axis=1), LAYOUT
    )


@pytest.fixture
def objectness(looks: np.ndarray) -> np.ndarray:
    return np.linspace(0.4, 1, len(looks), dtype=np.float32)


def expected(
    rescorer: PocketRescorer, looks: np.ndarray, objectness: np.ndarray, words: EmbeddedVocabulary
) -> np.ndarray:
    return rescorer.scores(objectness, rescorer.chances(decoded(looks, LAYOUT), words))


def test_a_search_scores_as_a_query_does(
    rescorer: PocketRescorer, looks: np.ndarray, objectness: np.ndarray, embed: Embed
) -> None:
    words = embed(*WORDS)

    found = rescorer.search(words)(looks, rescorer.background(looks), objectness, 0.0)

    assert found == pytest.approx(expected(rescorer, looks, objectness, words), abs=AS_GOOD_AS_EQUAL)


def test_what_is_passed_over_is_below_the_least(
    rescorer: PocketRescorer, looks: np.ndarray, objectness: np.ndarray, embed: Embed
) -> None:
    words = embed(*WORDS)
    scores = expected(rescorer, looks, objectness, words)

    found = rescorer.search(words)(looks, rescorer.background(looks), objectness, 0.5)

    assert (scores >= 0.5).sum() > 5
    assert (found[scores >= 0.5 + AS_GOOD_AS_EQUAL] > 0).all()
    assert (found[scores < 0.5 - AS_GOOD_AS_EQUAL] == 0).all()


@pytest.mark.parametrize("least", [0.2, 0.4, 0.55, 0.7])
def test_no_look_is_passed_over_that_would_score_the_least(
    rescorer: PocketRescorer, embed: Embed, least: float
) -> None:
    words = embed(
        "dog", "animal", "bird", "vehicle", "clothing", "taxi"
    )  # of which most have many near names
    looks = of_known_names(rescorer)
    objectness = np.random.default_rng(2).uniform(0.4, 1, len(looks)).astype(np.float32)
    search, background = rescorer.search(words), rescorer.background(looks)

    found, of_all = (search(looks, background, objectness, from_) for from_ in (least, 0.0))

    assert (of_all >= least).sum() > 50
    assert found == pytest.approx(np.where(of_all >= least, of_all, 0), abs=1e-5)
    assert of_all == pytest.approx(expected(rescorer, looks, objectness, words), abs=2 * AS_GOOD_AS_EQUAL)


def of_known_names(rescorer: PocketRescorer) -> np.ndarray:
    """Looks of something like each of the known names, which ImageNet sees too, more or less; as bytes."""
    rng = np.random.default_rng(1)
    known = rescorer._scorer.known
    rows = known.rows_AD + rng.normal(size=known.rows_AD.shape) * rng.uniform(
        0.08, 0.13, (len(known.rows_AD), 1)
    )
    names = np.argsort(-(rows @ known.rows_AD[: known.image_names].T), axis=1)[:, :KEPT_NAMES]
    shares = -np.sort(-rng.dirichlet([0.3] * KEPT_NAMES, len(rows)), axis=1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return encoded(np.concatenate((rows, names, shares, np.zeros((len(rows), 128))), axis=1), LAYOUT)


def test_what_was_learnt_is_asked_beside_words(
    rescorer: PocketRescorer, looks: np.ndarray, objectness: np.ndarray, embed: Embed
) -> None:
    example = rescorer.compared(decoded(looks[:1], LAYOUT))
    learnt = LearntEntries(
        labels=("this very thing",), examples_E=np.array([1], np.int32), weights_EG=4 * example,
        bias_E=np.array([-4], np.float32), slope=1.0, offset=0.0, space=rescorer.space, detector="pocket",
        weights_digest="ab" * 32,
    )  # fmt: skip
    labels = LearntLabels(
        labels=learnt.labels, sha256="cd" * 32, detector="pocket", weights_digest=learnt.weights_digest
    )
    vocabulary = Vocabulary(name="both", labels=("person", *learnt.labels), learnt=labels)
    words = EmbeddedVocabulary(vocabulary=vocabulary, embeddings=embed("person").embeddings, learnt=learnt)

    found = rescorer.search(words)(looks, rescorer.background(looks), objectness, 0.0)

    assert found == pytest.approx(expected(rescorer, looks, objectness, words), abs=AS_GOOD_AS_EQUAL)
