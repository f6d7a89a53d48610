"""Phrases are searched for by their parts: nouns, kept colours, and where things were."""

from pathlib import Path

import pytest

from api_client.search.asked import SearchAnswer
from api_client.store import ObjectStore
from tests.unit.search.conftest import Search
from tests.unit.search.footage import FRAMES, store_looked_at
from tests.unit.search.seen_by_detic import Seen, read_by_somebody, store_seen_by_detic
from vocabularies import parse_vocabulary

RED_CAR: Seen = ("car", (2, 2, 22, 12), "red")
BLUE_CAR: Seen = ("car", (40, 2, 60, 12), "blue")
UNSEEN_CAR: Seen = ("car", (40, 20, 60, 30), None)
BICYCLE: Seen = ("bicycle", (10, 18, 30, 30), "black")
RIDER: Seen = ("person", (15, 6, 25, 26), "red")
PASSER_BY: Seen = ("person", (50, 6, 58, 30), "blue")


@pytest.fixture
def asked(store: ObjectStore, tmp_path: Path, search: Search):
    def asked(words: str, *things: Seen, **kept: object) -> SearchAnswer:
        vocabulary = parse_vocabulary(words)
        read_by_somebody(store, vocabulary)
        store_seen_by_detic(store, tmp_path, things, **kept)
        return search(vocabulary=vocabulary)

    return asked


def found(answer: SearchAnswer) -> list[tuple[str, int]]:
    return sorted((moment.word, round(moment.box_xyxy_px[0])) for moment in answer.moments)


def test_a_colour_is_that_of_the_thing(asked) -> None:
    answer = asked("red car, car, green car", RED_CAR, BLUE_CAR)

    assert found(answer) == [("car", 2), ("car", 40), ("red car", 2)]
    (note,) = answer.notes
    assert note == "phrases were asked by their parts: 'red car' as red car, 'green car' as green car"


def test_a_relation_holds_between_things_seen_at_one_time(asked) -> None:
    answer = asked("person riding a bicycle, blue person beside a bicycle", RIDER, PASSER_BY, BICYCLE)

    assert found(answer) == [("person riding a bicycle", 15)]


def test_a_phrase_has_the_threshold_it_is_given(asked) -> None:
    answer = asked("red car:0.97, blue car", RED_CAR, BLUE_CAR)

    assert found(answer) == [("blue car", 40)]
    assert [word.best_score for word in answer.words] == [pytest.approx(0.95, abs=0.01), None]


def test_what_an_earlier_version_saw_has_no_colour_and_it_is_said(asked) -> None:
    answer = asked("red car, car", RED_CAR, colours=())

    assert found(answer) == [("car", 2)]
    (note,) = [note for note in answer.notes if "earlier version" in note]
    assert note.startswith("'red car' cannot be asked of 1 job: an earlier version looked")


def test_a_thing_of_which_nobody_saw_the_pixels_has_no_colour(asked) -> None:
    assert found(asked("red car", RED_CAR, UNSEEN_CAR)) == [("red car", 2)]


def test_a_detector_that_reads_phrases_itself_is_asked_the_whole(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    store_looked_at(store, tmp_path, [[[("red", 0.0)]] * FRAMES])

    answer = search(vocabulary=parse_vocabulary("red car"))

    assert found(answer) == [("red car", 0)]
    assert answer.notes == ("'red car' is asked as one word",)
