"""Phrases found by a detector that knows words: here, the colours of squares."""

from dataclasses import replace

import numpy as np
import pytest

from api_client.contract.thresholds import Thresholds
from api_client.contract.tiling import Tiling
from api_client.detectors import KINDS
from tests.colour_detector import ColourDetector
from vocabularies import Vocabulary, parse_vocabulary
from workers.detectors import Detections, EmbeddedVocabulary
from workers.detectors.facts import facts_of
from workers.detectors.phrases.detector import PhraseDetector
from workers.detectors.phrases.one_label import Places, one_object_each
from workers.detectors.tiled import TiledDetector

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 255, 0)
LEFT, RIGHT, ABOVE = (20, 40, 50, 70), (60, 40, 90, 70), (20, 5, 50, 40)


def frame(**squares: tuple[int, int, int, int]) -> np.ndarray:
    """A black picture with one square of each colour named."""
    picture = np.zeros((100, 140, 3), np.uint8)
    for name, (left, top, right, bottom) in squares.items():
        picture[top:bottom, left:right] = {"red": RED, "blue": BLUE, "green": GREEN}[name]
    return picture


def embedded(words: str | Vocabulary) -> EmbeddedVocabulary:
    vocabulary = parse_vocabulary(words) if isinstance(words, str) else words
    sentences = [f"a {word}" for word in (*vocabulary.words, *vocabulary.parts)]
    return EmbeddedVocabulary.of_rows(vocabulary, ColourDetector.text_encoder.encode(sentences))


def found(words: str, picture: np.ndarray, *, regions: int = 0, threshold: float = 0.4) -> Detections:
    vocabulary = embedded(words)
    plain = ColourDetector()
    detector = PhraseDetector(plain, Thresholds(default=0.5)) if vocabulary.vocabulary.phrases else plain
    (one,) = detector.detect([picture], vocabulary, threshold=threshold, regions=regions)
    return one


def boxes(words: str, picture: np.ndarray) -> dict[str, list[tuple[int, ...]]]:
    labels, one = parse_vocabulary(words).labels, found(words, picture)
    shown: dict[str, list[tuple[int, ...]]] = {}
    for label, box in zip(one.label_ids, one.boxes_xyxy_px, strict=True):
        shown.setdefault(labels[label], []).append(tuple(int(side) for side in box))
    return shown


def test_the_head_is_found_where_the_relation_holds() -> None:
    phrase = "red | beside | blue"

    assert boxes(phrase, frame(red=LEFT, blue=RIGHT)) == {"red beside blue": [LEFT]}
    assert boxes(phrase, frame(red=ABOVE, blue=LEFT)) == {}
    assert boxes(phrase, frame(red=LEFT, green=RIGHT)) == {}
    assert boxes(phrase, frame(blue=RIGHT)) == {}


def test_a_phrase_takes_the_place_of_its_own_noun_and_of_no_other() -> None:
    beside = frame(red=LEFT, blue=RIGHT)

    assert boxes("blue, red, red | beside | blue", beside) == {"red beside blue": [LEFT], "blue": [RIGHT]}
    assert boxes("blue, red, red | on | blue", beside) == {"red": [LEFT], "blue": [RIGHT]}


def test_of_two_phrases_the_one_that_says_more_is_shown() -> None:
    words = "red | beside | blue, red | with | blue, red"

    assert boxes(words, frame(red=LEFT, blue=RIGHT)) == {"red beside blue": [LEFT]}


def test_what_is_said_of_a_word_does_not_depend_on_phrases() -> None:
    picture = frame(red=LEFT, blue=RIGHT, green=ABOVE)

    alone, together = (
        found("red, blue, green", picture),
        found("red, blue, green, red | under | green", picture),
    )

    assert together.label_scores is not None
    assert together.label_scores[3] > 0.9
    others = together.where(together.label_ids != 3)
    expected = alone.where(alone.label_ids != 0)
    np.testing.assert_array_equal(others.boxes_xyxy_px, expected.boxes_xyxy_px)
    np.testing.assert_array_equal(others.scores, expected.scores)
    assert found("red | under | green", picture).scores == together.scores[together.label_ids == 3]


def test_it_is_told_how_near_a_phrase_came() -> None:
    one = found("blue, red | beside | blue", frame(red=LEFT, blue=(75, 40, 105, 70)))

    assert one.label_scores is not None
    assert 0 < one.label_scores[1] < 0.5
    assert 1 not in one.label_ids


@pytest.mark.parametrize("regions", [0, 1, 5])
def test_no_more_regions_are_kept_than_asked_for(regions: int) -> None:
    kept = found("red, red | beside | blue", frame(red=LEFT, blue=RIGHT), regions=regions).regions

    assert (0 if kept is None else len(kept.objectness)) == min(regions, 2)
    assert (kept is None) == (regions == 0)


def test_a_relation_holds_across_tiles() -> None:
    tiled = TiledDetector(ColourDetector(), Tiling(columns=2, rows=1, overlap=0))
    detector = PhraseDetector(tiled, Thresholds(default=0.5))
    picture = frame(red=(20, 40, 60, 70), blue=(75, 40, 115, 70))

    (one,) = detector.detect([picture], embedded("blue, red | beside | blue"), threshold=0.4)

    assert sorted(one.label_ids.tolist()) == [0, 1]
    assert facts_of(detector, parse_vocabulary("blue, red | beside | blue")).facts["tiles"]


def test_a_colour_is_asked_of_pixels() -> None:
    shown = embedded("green car, car on red table")
    picture = frame(green=LEFT)

    class Everything(ColourDetector):
        class rescorer(type(ColourDetector.rescorer)):  # noqa: N801 - stands in the place of an attribute
            def chances(self, features_LF, vocabulary) -> np.ndarray:
                return np.ones((len(features_LF), len(vocabulary.vocabulary.labels)), np.float32)

        rescorer = rescorer()

    (one,) = PhraseDetector(Everything(), Thresholds(default=0.5)).detect([picture], shown, threshold=0.4)

    assert one.label_ids.tolist() == [0]


def test_a_job_tells_how_its_phrases_were_read() -> None:
    said = facts_of(
        PhraseDetector(ColourDetector(), Thresholds(default=0.5)), parse_vocabulary("dog on bench,")
    )

    assert said.facts["phrases"] == {"dog on bench": "dog | on | bench"}
    assert said.notes == ("phrases were found by their parts: 'dog on bench' as dog | on | bench",)


def test_a_part_of_what_a_phrase_shows_is_doubted() -> None:
    whole, part, other = (0, 0, 100, 100), (10, 10, 60, 60), (200, 0, 300, 100)

    rows, scores = one_object_each(
        np.array([part, whole, other, (2, 2, 99, 99)], np.float32), np.array([0.6, 0.8, 0.7, 0.5], np.float32)
    )

    assert rows.tolist() == [1, 2, 0]
    np.testing.assert_allclose(scores, [0.8, 0.7, 0.6 * 0.85], rtol=1e-6)


WORDS = Detections(
    boxes_xyxy_px=np.array([LEFT, RIGHT], np.float32),
    scores=np.array([0.9, 0.5], np.float32),
    label_ids=np.array([0, 1], np.int32),
    masks=np.stack([np.full((2, 2), 7, np.uint8), np.full((2, 2), 9, np.uint8)]),
)


@pytest.mark.parametrize(
    ("box", "score", "labels", "masks"),
    [
        (LEFT, 0.6, [2, 1], [7, 9]),  # takes its noun's place and mask
        (LEFT, 0.45, [0, 1], [7, 9]),  # below its threshold
        (RIGHT, 0.6, [0, 2], [7, 0]),  # surer than another word
        (RIGHT, 0.45, [0, 1], [7, 9]),  # less sure
        (ABOVE, 0.45, [0, 1, 2], [7, 9, 0]),  # a region of its own
    ],
)
def test_one_region_shows_one_label(box, score, labels, masks) -> None:
    (phrase,) = parse_vocabulary("dog on bench,").phrases
    places = Places(
        phrases={2: phrase}, noun_of_word={0: "dog", 1: "cat"}, shown_from=np.full(3, 0.5, np.float32)
    )
    own = Detections(
        boxes_xyxy_px=np.array([box], np.float32),
        scores=np.array([score], np.float32),
        label_ids=np.array([2], np.int32),
    )

    shown = places.shared(WORDS, own)

    assert shown.label_ids.tolist() == labels
    assert shown.masks is not None
    assert shown.masks[:, 0, 0].tolist() == masks
    assert places.shared(replace(WORDS, masks=None), own).masks is None


def test_phrases_are_taken_apart_for_detectors_that_know_words_alone() -> None:
    assert {kind.kind for kind in KINDS if kind.takes_phrases_apart} == {"pocket", "detic-swinb"}
