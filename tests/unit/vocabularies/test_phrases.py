"""Which labels are phrases, and what they are made of."""

import json

import pytest

from api_client.asked_words import asked_vocabulary, merged_vocabulary
from api_client.contract import DetectorSpec, JobSpec
from vocabularies import SHIPPED_NAMES, Vocabulary, VocabularyError, parse_vocabulary, shipped_labels
from vocabularies.phrase import Phrase, Thing
from vocabularies.phrase_reading import read_phrases


def read(label: str) -> str | None:
    """How a label is understood; None for a plain name."""
    _, phrases = read_phrases([label])
    return str(phrases[0]) if phrases else None


@pytest.mark.parametrize(
    ("label", "understood"),
    [
        ("person riding a bicycle", "person | riding | bicycle"),
        ("People sitting on benches", "person | on | bench"),
        ("a man who is standing next to his dog", "man | beside | dog"),
        ("cup on top of the table", "cup | on | table"),
        ("red panda on tree", "red panda | on | tree"),
        ("traffic light behind a red bus", "traffic light | behind | red bus"),
        ("boy in front of a wooden door", "boy | in front of | wooden door"),
        ("dog in car", "dog | in | car"),
        ("woman in a red dress", "woman | wearing | red dress"),
        ("woman in red", "red woman"),
        ("person wearing dark blue", "blue person"),
        ("Red Car", "red car"),
        ("dark gray delivery truck", "grey delivery truck"),
        ("red and white umbrella", "red white umbrella"),
        ("striped umbrella", "striped umbrella"),
        ("red plug-in", "red plug-in"),
        ("red plug in", "red plug in"),
        ("plug in on table", "plug in | on | table"),
        ("plug in socket", "plug | in | socket"),
        ("light on table", "light | on | table"),
        ("man walking dog", "man | beside | dog"),
    ],
)
def test_a_relation_or_an_attribute_makes_a_phrase(label: str, understood: str) -> None:
    assert read(label) == understood


@pytest.mark.parametrize(
    "label",
    [
        "dog", "red", "on", "fire hydrant", "traffic light", "hot dog", "teddy bear", "stop sign", "red fox",
        "red wine", "brown bear", "orange", "orange juice", "light bulb", "jack in the box",
        "toad in the hole", "commander in chief", "mother-in-law", "St. Bernard", "children playing",
        "red frobnicator", "red fox (vulpes vulpes)", "on bench", "person holding umbrella riding bicycle",
        "riding on", "猫", "TV|monitor", "a | b", "person | on |", "||", "plug in", "log in", "Drive In",
        "hands on", "the plug in", "lights on", "person walking", "dog walking", "rock 'n' roll", "'80s car",
    ],
)  # fmt: skip
def test_everything_else_is_a_name(label: str) -> None:
    assert read(label) is None
    assert parse_vocabulary(f"{label},").labels == (label,)


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_no_shipped_name_is_a_phrase(name: str) -> None:
    assert read_phrases(shipped_labels(name)) == (shipped_labels(name), ())


@pytest.mark.parametrize(
    ("text", "labels", "understood"),
    [
        ('"red car"', ("red car",), []),
        ("“person on bench”, red car", ("person on bench", "red car"), ["red car"]),
        ("'person on', bench", ("person on", "bench"), []),
        ("\u2018 red  car \u2019, 'person\u2019s hat':0.3", ("red car", "person\u2019s hat"), []),
        ("gizmo | on | widget", ("gizmo on widget",), ["gizmo | on | widget"]),
        ('"red car":0.3, person | riding | horse:0.7', ("red car", "person riding horse"),
         ["person | riding | horse"]),
    ],
)  # fmt: skip
def test_quotes_make_a_name_and_bars_a_phrase(text: str, labels, understood) -> None:
    vocabulary = parse_vocabulary(text)

    assert vocabulary.labels == labels
    assert [str(phrase) for phrase in vocabulary.phrases] == understood


def test_thresholds_stay_with_their_labels() -> None:
    vocabulary = parse_vocabulary('"red car":0.3, person | riding | horse:0.7, dog')

    assert vocabulary.thresholds == (("red car", 0.3), ("person riding horse", 0.7))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("person on, bench", "does not say what it is 'on'"),
        ("dog, person riding", "does not say what it is 'riding'"),
        ("red car behind, dog", "does not say what it is 'behind'"),
        ("person | above | bench", "is not divided into a thing, a relation and a thing"),
        ("person | on | the", "is not divided"),
    ],
)
def test_half_a_phrase_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(VocabularyError, match=said) as caught:
        parse_vocabulary(text)
    assert "\n" not in str(caught.value)


def test_words_given_as_a_list_are_read_likewise() -> None:
    (phrase,) = asked_vocabulary(["dog", "red car"]).phrases

    assert phrase == Phrase(label="red car", head=Thing(noun="car", attributes=("red",)))


def test_several_vocabularies_keep_their_phrases() -> None:
    merged = merged_vocabulary(['dog, "red car"', "Red Car, person on bench", "cat"])

    assert merged.labels == ("dog", "red car", "person on bench", "cat")
    assert [phrase.label for phrase in merged.phrases] == ["person on bench"]


def test_a_job_says_how_its_phrases_are_read_and_is_read_back_equal() -> None:
    job = JobSpec(
        vocabulary=parse_vocabulary("dog, woman in a red hat"), detector=DetectorSpec(name="pocket")
    )

    document = job.model_dump_json()

    assert json.loads(document)["vocabulary"]["phrases"] == [
        {
            "label": "woman in a red hat",
            "head": {"noun": "woman", "attributes": []},
            "relation": "wearing",
            "object": {"noun": "hat", "attributes": ["red"]},
        }
    ]
    assert JobSpec.model_validate_json(document) == job


def test_the_parts_of_phrases_are_embedded_once_each_and_change_the_digest() -> None:
    read, name = parse_vocabulary("person on a wooden bench, red bench"), parse_vocabulary('"red bench",')

    assert read.parts[:3] == ("person", "bench", "wooden bench")
    assert len(set(read.parts)) == len(read.parts)
    assert name.digest == Vocabulary(name="other", labels=("red bench",)).digest
    assert name.digest != parse_vocabulary("red bench,").digest


@pytest.mark.parametrize("label", ["cat", "dog"])
def test_phrases_that_are_no_words_of_the_vocabulary_are_refused(label: str) -> None:
    phrase = Phrase(label=label, head=Thing(noun="dog"))

    with pytest.raises(VocabularyError, match="damaged"):
        Vocabulary(name="test", labels=("dog",), phrases=(phrase, phrase) if label == "dog" else (phrase,))
    with pytest.raises(VocabularyError, match="half a relation"):
        Phrase(label=label, head=Thing(noun="dog"), relation="on")
