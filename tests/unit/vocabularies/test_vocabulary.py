import pickle

import pytest

import vocabularies
from vocabularies import Vocabulary, VocabularyError


def test_the_public_api_is_pinned() -> None:
    assert vocabularies.__all__ == [
        "DEFAULT_PROMPTS",
        "SHIPPED_NAMES",
        "HoratioError",
        "Vocabulary",
        "VocabularyError",
        "parse_vocabulary",
        "shipped_labels",
    ]
    assert all(hasattr(vocabularies, name) for name in vocabularies.__all__)


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ((), "the vocabulary is empty"),
        (("taxi", "cyclist", "taxi"), "'taxi' 2 times"),
        (("Taxi", "TAXI", "taxi"), "'taxi' 3 times"),
        (("taxi", ""), "the label '' is empty"),
        ((" taxi",), "blanks around it"),
    ],
)
def test_labels_that_cannot_be_are_told(labels: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint):
        Vocabulary(name="custom", labels=labels)


@pytest.mark.parametrize(
    ("prompts", "complaint"),
    [((), "no prompt"), (("a photo",), "must contain {} once"), (("a {} of a {}",), "must contain {} once")],
)
def test_prompts_that_cannot_be_are_told(prompts: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint):
        Vocabulary(name="custom", labels=("taxi",), prompts=prompts)


def test_a_label_goes_into_every_prompt_as_it_is() -> None:
    vocabulary = Vocabulary(name="custom", labels=("{brace}",), prompts=("a {}", "a photo of a {}."))

    assert vocabulary.sentences("{brace}") == ("a {brace}", "a photo of a {brace}.")


def test_the_digest_tells_what_is_embedded_and_nothing_else() -> None:
    one = Vocabulary(name="one", labels=("taxi", "cyclist"))

    assert one.digest == Vocabulary(name="two", labels=("taxi", "cyclist")).digest
    others = {
        Vocabulary(name="one", labels=("cyclist", "taxi")).digest,
        Vocabulary(name="one", labels=("taxi, cyclist",)).digest,
        Vocabulary(name="one", labels=("taxi", "cyclist"), prompts=("{}",)).digest,
    }
    assert len(others | {one.digest}) == 4


def test_the_digest_is_the_same_in_every_process_and_version() -> None:
    vocabulary = Vocabulary(name="custom", labels=("taxi", "cyclist", "tête-à-tête"))

    assert vocabulary.digest == "8d7cc95331d56fab2ff3c73f5a13c776a35e355806a46d7dc921e03bfb93cf20"


def test_an_error_survives_pickle() -> None:
    error = pickle.loads(pickle.dumps(VocabularyError("the vocabulary is empty")))

    assert (type(error), str(error)) == (VocabularyError, "the vocabulary is empty")


@pytest.mark.parametrize(
    "labels",
    [("a\0b",), ("\x1b[2J",), ("two\nlines",), ("x" * 1001,), tuple(map(str, range(50_001)))],
    ids=["null", "escape", "lines", "long", "many"],
)
def test_labels_nobody_could_draw_or_hold_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(VocabularyError) as caught:
        Vocabulary(name="custom", labels=labels)

    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("prompts", [("{}\n",), ("{} " + "x" * 1000,), ("{}",) * 1001])
def test_prompts_nobody_could_mean_are_refused(prompts: tuple[str, ...]) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary(name="custom", labels=("a",), prompts=prompts)
