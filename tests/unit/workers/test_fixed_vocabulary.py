"""Which of a detector's names a user's words mean."""

import pytest

from vocabularies import Vocabulary, VocabularyError, shipped_labels
from workers.detectors.fixed_vocabulary import NAMED_AT_MOST, choose

COCO = shipped_labels("coco")


def chosen(*labels, names=COCO):
    return choose(names, Vocabulary(name="test", labels=labels))


def names_of(*labels):
    found = chosen(*labels)
    return {name: labels[label] for name, label in zip(COCO, found.label_of_name, strict=True) if label >= 0}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Person", "person"),
        ("dogs", "dog"),
        ("buses", "bus"),
        ("wine-glasses", "wine glass"),
        ("sofa", "couch"),
        ("Mobile phones", "cell phone"),
        ("TV", "tv"),
        ("motorbike", "motorcycle"),
        ("people", "person"),
        ("scissors", "scissors"),
        ("skis", "skis"),
    ],
)
def test_a_word_means_a_name_of_the_same_thing(word, name):
    assert names_of(word) == {name: word}


def test_every_name_means_itself():
    found = chosen(*COCO)

    assert found.label_of_name.tolist() == list(range(80))
    assert found.unknown == {}


def test_a_kind_of_a_thing_is_not_that_thing():
    assert list(chosen("car", "taxi").unknown) == ["taxi"]


def test_of_two_words_for_one_thing_the_first_finds_it():
    found = chosen("plane", "airplane")

    assert found.unknown == {"airplane": "plane"}
    assert found.label_of_name[COCO.index("airplane")] == 0


def test_a_misspelt_word_is_told_with_the_name_meant():
    assert chosen("person", "cel phone").unknown == {"cel phone": "cell phone"}


def test_many_unknown_words_are_told_briefly():
    (note,) = chosen("person", *(f"thing {number}" for number in range(20))).notes

    assert note.count("nearest") == NAMED_AT_MOST
    assert note.endswith("and 12 more")


def test_names_of_other_data_sets_are_matched_too():
    found = chosen("tv", "couch", names=("tvmonitor", "N/A", "Sofa"))

    assert found.label_of_name.tolist() == [0, -1, 1]


def test_nothing_known_is_an_error():
    with pytest.raises(VocabularyError, match="cannot find any of 2 words"):
        chosen("zebrafish tank", "quark")
