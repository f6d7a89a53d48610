"""The language of conditions: what it means, and what is said of what it does not mean."""

import pickle

import pytest

from api_client.contract.zones import Zone
from api_client.moments.parsing import parse
from api_client.moments.tokens import ConditionError
from tests.logged_boxes import box

LABELS = ("dog", "leash", "traffic light", "man in suit", "Person")
DOOR = Zone(name="door", corners=((0, 0), (50, 0), (50, 50), (0, 50)))


def holds(text: str, *boxes: object) -> bool:
    return parse(text, LABELS, {"door": DOOR}).holds(boxes)  # type: ignore[arg-type]


def at(label: str, x: float = 10, y: float = 10, track: int | None = None) -> object:
    """An object that stands at a place."""
    return box(class_name=label, x_min=x - 1, x_max=x + 1, y_min=y - 2, y_max=y, tracker_id=track)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("dog", ["dog"], True),
        ("DOG", ["dog"], True),
        ("dog and not leash", ["dog"], True),
        ("dog and not leash", ["dog", "leash"], False),
        ("dog or leash and person", ["dog"], True),  # and binds closer
        ("(dog or leash) and person", ["dog"], False),
        ("not dog and leash", ["leash"], True),  # not binds closest
        ("not (dog and leash)", ["leash"], True),
        ("not not dog", ["dog"], True),
        ("traffic light", ["traffic light"], True),
        ('"man in suit"', ["man in suit"], True),
        ("'man in suit' and dog", ["man in suit"], False),
        ("person >= 2", ["Person", "Person"], True),
        ("person>=3", ["Person", "Person"], False),
        ("person<1", [], True),
        ("person = 1", ["Person"], True),
        ("person != 1", ["Person"], False),
        ("traffic light == 2", ["traffic light"] * 2, True),
    ],
)
def test_words_counts_and_how_they_go_together(text: str, labels: list[str], expected: bool) -> None:
    assert holds(text, *map(at, labels)) is expected


def test_tracks_and_zones() -> None:
    inside, outside = at("dog", 25, 25, track=7), at("Person", 75, 25, track=8)

    assert holds("track:7 and zone:door", inside, outside)
    assert holds("dog in door and not person in door", inside, outside)
    assert holds("zone:door = 1 and person in zone:door < 1", inside, outside)
    assert not holds("track:9", inside, outside)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("dog and", 7, "a word, a bracket"),
        ("dog an leash", 0, "'dog an leash' is none of the job's words"),
        ("dgo", 0, "is 'dog' meant?"),
        ("(dog", 4, "a closing bracket"),
        ("dog)", 3, "and, or, or the end"),
        ("dog >= many", 7, "a whole number"),
        ("dog >=", 6, "a number"),
        ("track:seven", 0, "the number of an object"),
        ("dog in hall", 7, "there is no zone 'hall', there is door"),
        ("zone:hall", 0, "there is no zone"),
        ('dog and "leash', 8, "never closed"),
        ("dog ! leash", 4, "means nothing here"),
        ("", 0, "a word"),
        ("not " * 200 + "dog", 400, "nested too deeply"),
    ],
)
def test_an_error_knows_its_place(text: str, place: int, reason: str) -> None:
    with pytest.raises(ConditionError, match=reason.replace("?", r"\?")) as caught:
        holds(text)

    assert caught.value.at == place
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
