"""What to look for, in every form a caller may give it."""

from collections.abc import Iterable, Sequence

from api_client.errors import VocabularyError
from vocabularies import DEFAULT_PROMPTS, Vocabulary, parse_vocabulary
from vocabularies.learnt import one_learnt
from vocabularies.phrase import Phrase
from vocabularies.phrase_reading import read_phrases

Words = str | Sequence[str] | Vocabulary
"""A shipped name, a file or "words, separated, by commas"; a list of words; or a vocabulary."""

_CUSTOM = "custom"


def asked_vocabulary(words: Words) -> Vocabulary:
    """Return the vocabulary meant. Every string of a list is one word or phrase, commas and all.

    Raises `VocabularyError`.
    """
    if isinstance(words, Vocabulary):
        return words
    if isinstance(words, str):
        return parse_vocabulary(words)
    if not isinstance(words, Iterable) or not all(isinstance(word, str) for word in words):
        raise VocabularyError(f"a vocabulary is text or a list of words, not {words!r}")
    labels, phrases = read_phrases(" ".join(word.split()) for word in words)
    return Vocabulary(name=_CUSTOM, labels=labels, phrases=phrases)


def merged_vocabulary(texts: Sequence[str]) -> Vocabulary:
    """Return the vocabulary of several `-v`: the words of all, each once, in the order given."""
    parts = [parse_vocabulary(text) for text in texts]
    if len(parts) == 1:
        return parts[0]
    learnt = one_learnt([part.learnt for part in parts])
    labels: dict[str, str] = {}
    phrases: list[Phrase] = []
    for part in parts:
        new = [label for label in part.words if label.casefold() not in labels]
        labels |= {label.casefold(): label for label in new}
        phrases += [phrase for phrase in part.phrases if phrase.label in new]
    thresholds = {
        labels[label.casefold()]: threshold for part in parts for label, threshold in part.thresholds
    }
    return Vocabulary(
        name=_CUSTOM,
        labels=(*labels.values(), *(learnt.labels if learnt else ())),
        learnt=learnt,
        prompts=DEFAULT_PROMPTS,
        thresholds=tuple(thresholds.items()),
        phrases=tuple(phrases),
    )
