"""Words asked of an index: what `ask` writes of a part."""

from dataclasses import replace

import numpy as np
import pytest

from api_client.contract.detection_log import read_log
from api_client.contract.thresholds import Thresholds
from api_client.errors import IntegrityError, SettingsError
from api_client.log.regions import IndexBuilder, read_index
from tests.colour_detector import ColourRescorer, ColourWords
from tests.unit.workers.clips import chunk_work, red_square_at
from tests.unit.workers.test_pipeline import log_rows, process
from vocabularies import Vocabulary, VocabularyError, parse_vocabulary
from vocabularies.phrase import Phrase, Thing
from workers.detectors import EmbeddedVocabulary
from workers.detectors.phrases.question import PhraseQuestion
from workers.first_answers import FirstAnswers
from workers.near_misses import NearMisses
from workers.rescoring import Question, check_askable, rescore


def question(*labels: str, default: float = 0.5, **thresholds: float) -> Question:
    words = Vocabulary(name="custom", labels=labels, thresholds=tuple(thresholds.items()))
    return asking_for(words, Thresholds(default=default, by_label=thresholds))


def asking_for(words: Vocabulary, thresholds: Thresholds) -> Question:
    sentences = [f"a {text}" for text in (*words.words, *words.parts)]
    vocabulary = EmbeddedVocabulary.of_rows(words, ColourWords().encode(sentences))
    return Question(
        vocabulary=vocabulary,
        rescorer=ColourRescorer(),
        thresholds=thresholds,
        phrases=PhraseQuestion.of(vocabulary, thresholds) if words.phrases else None,
    )


@pytest.fixture
def looked(tmp_path):
    """A part looked at for red alone."""
    work = chunk_work(tmp_path, labels=("red",), regions=8)
    process(work)
    return work


def asked(looked, asking, *, then=None, index=None):
    """(rows of the new log, how many are shown, how near the rest came)."""
    labels = asking.vocabulary.vocabulary.labels
    misses = NearMisses(labels, shown_from=asking.shown_from)
    path = looked.output_dir / "asked.parquet"
    shown = rescore(
        index or read_index(looked.output_dir / "regions.parquet"),
        asking,
        looked.manifest.video,
        path,
        first=then,
        first_log=looked.output_dir / "detections.parquet",
        misses=misses,
    )
    return [row for batch in read_log(path) for row in batch.to_pylist()], shown, misses.highest()


def test_a_word_nobody_had_asked_is_found_where_it_was(looked):
    rows, shown, _ = asked(looked, question("blue"))

    assert [row["frame_index"] for row in rows] == [1, 3, 5, 7, 9, 11]
    assert {row["class_name"] for row in rows} == {"blue"}
    assert shown == 6


def test_words_asked_before_are_answered_by_the_log_with_their_masks(looked):
    asking = question("blue", "Red")
    then = FirstAnswers.of(
        Vocabulary(name="custom", labels=("red",)),
        asking.vocabulary.vocabulary,
        floors_then=Thresholds(default=0.5).floors,
        floors_now=asking.thresholds.floors,
    )

    rows, _, _ = asked(looked, asking, then=then)

    red = [row for row in rows if row["class_name"] == "Red"]
    assert [(row["frame_index"], row["class_id"]) for row in red] == [(i, 1) for i in range(12)]
    assert [row["mask"] for row in red] == [row["mask"] for row in log_rows(looked)]
    assert np.allclose([row["x_min"] for row in red], [red_square_at(i)[0] for i in range(12)], atol=1)


@pytest.mark.parametrize("words", ["red | under | blue", "blue, red, red | under | blue"])
def test_a_phrase_is_answered_by_where_the_regions_lie(looked, words):
    """The blue bar is above the red square, in every other frame."""
    vocabulary = parse_vocabulary(f"{words},")

    rows, shown, misses = asked(looked, asking_for(vocabulary, Thresholds(default=0.3)))

    assert [row["frame_index"] for row in rows if row["class_name"] == "red under blue"] == [
        1,
        3,
        5,
        7,
        9,
        11,
    ]
    assert {row["class_id"] for row in rows} == set(range(len(vocabulary.labels)))
    assert shown == len(rows)
    assert misses == {}


def test_it_is_told_how_near_a_phrase_came(looked):
    vocabulary = parse_vocabulary("red, red | under | blue, green")

    _, _, misses = asked(looked, asking_for(vocabulary, Thresholds(default=0.5)))

    assert misses == {"red under blue": pytest.approx(0.4, abs=0.1)}


def test_a_phrase_with_a_colour_is_asked_of_the_colours_that_were_kept(looked):
    phrases = [Phrase(label=f"{it} one", head=Thing(noun="blue", attributes=(it,))) for it in ("blue", "red")]
    words = Vocabulary(name="custom", labels=tuple(it.label for it in phrases), phrases=tuple(phrases))

    rows, shown, _ = asked(looked, asking_for(words, Thresholds(default=0.5)))

    assert {row["class_name"] for row in rows} == {"blue one"}
    assert [row["frame_index"] for row in rows] == [1, 3, 5, 7, 9, 11]
    assert shown == 6


def test_a_phrase_with_a_colour_is_not_asked_of_an_index_without(looked):
    header = read_index(looked.output_dir / "regions.parquet").header.model_copy(update={"colours": ()})
    asking = asking_for(parse_vocabulary("red car,"), Thresholds(default=0.5))

    with pytest.raises(VocabularyError, match="an earlier version looked, which kept no colours"):
        check_askable(header, asking)


def test_what_was_a_word_then_does_not_answer_a_phrase(looked):
    floors = Thresholds(default=0.5).floors
    word, phrase = parse_vocabulary('"red car",'), parse_vocabulary("red car,")

    assert FirstAnswers.of(word, phrase, floors_then=floors, floors_now=floors) is None
    assert FirstAnswers.of(phrase, phrase, floors_then=floors, floors_now=floors) is not None


def test_a_log_that_did_not_go_so_low_answers_nothing(looked):
    asking = question("red", red=0.1)

    then = FirstAnswers.of(
        Vocabulary(name="custom", labels=("red",)),
        asking.vocabulary.vocabulary,
        floors_then=Thresholds(default=0.5).floors,
        floors_now=asking.thresholds.floors,
    )

    assert then is None


def test_a_word_is_shown_from_its_own_threshold_on_and_logged_from_its_floor(looked):
    index = read_index(looked.output_dir / "regions.parquet")
    faint = replace(index, objectness_R=index.objectness_R * np.float32(0.6))

    rows, shown, misses = asked(looked, question("red", "blue", red=0.8, blue=0.9), index=faint)

    assert {row["class_name"] for row in rows} == {"red"}  # 0.6 is above 8/11 of 0.8, and below that of 0.9
    assert shown == 0
    assert misses == {"red": 0.6, "blue": 0.6}


def test_two_askings_write_the_same_bytes(looked):
    path = looked.output_dir / "asked.parquet"
    asked(looked, question("red", "blue"))
    first = path.read_bytes()

    asked(looked, question("red", "blue"))

    assert path.read_bytes() == first


def test_regions_of_other_weights_cannot_be_asked(looked):
    header = read_index(looked.output_dir / "regions.parquet").header
    asking = question("red")
    asking.rescorer.weights_digest = "ab" * 32

    with pytest.raises(SettingsError, match="another version of the detector 'colour'"):
        check_askable(header, asking)


def test_regions_that_an_earlier_version_kept_more_finely_can_be_asked(looked):
    header = read_index(looked.output_dir / "regions.parquet").header
    coarser = question("red")
    coarser.rescorer.layout = tuple(s.model_copy(update={"steps": 31}) for s in header.layout)
    other = question("red")
    other.rescorer.layout = (*header.layout, *header.layout)

    check_askable(header, coarser)
    with pytest.raises(IntegrityError, match="in another layout"):
        check_askable(header, other)


def test_a_part_in_which_nothing_was_seen_has_an_empty_log(looked):
    header = read_index(looked.output_dir / "regions.parquet").header

    assert asked(looked, question("red"), index=IndexBuilder(header).built()) == ([], 0, {})
