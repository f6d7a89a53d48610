"""What to look for, in every form."""

import pytest

from api_client.asked_words import asked_vocabulary, merged_vocabulary
from api_client.errors import SettingsError, VocabularyError
from api_client.question import job_spec
from api_client.settings import Settings


def test_a_list_is_its_words() -> None:
    assert asked_vocabulary(["taxi", " red  car "]).labels == ("taxi", "red car")


def test_a_word_of_a_list_is_never_a_shipped_name() -> None:
    assert asked_vocabulary(["coco"]).labels == ("coco",)


@pytest.mark.parametrize("words", [[], ["dog", "dog"], [""], ["dog", 3], 3, None])
def test_nonsense_is_an_error_of_ours(words: object) -> None:
    with pytest.raises(VocabularyError):
        asked_vocabulary(words)  # type: ignore[arg-type]  # the mistake under test


def test_several_options_are_merged_in_order_each_word_once() -> None:
    merged = merged_vocabulary(["dog, Cat", "bird", "cat, fox"])

    assert merged.labels == ("dog", "Cat", "bird", "fox")


def test_one_option_keeps_its_name() -> None:
    assert merged_vocabulary(["coco"]).name == "coco"


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": "high"},
        {"threshold": 2},
        {"threshold": True},
        {"threshold": float("nan")},
        {"every": 0},
        {"every": 1.5},
        {"every": "two"},
        {"weights": "/no/such/file"},
        {"detector": "x y"},
    ],
)
def test_every_wrong_argument_is_an_error_of_ours(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        job_spec(Settings(), vocabulary="dog", **wrong)  # type: ignore[arg-type]  # the mistake under test
