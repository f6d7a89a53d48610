"""From what a person writes after `--vocabulary` to a vocabulary.

Read in this order, so that every text means one thing:

1. words, where there is a comma or a line break: `taxi, cyclist, bollard`; a trailing comma forces
   one word that would mean something else: `coco,`;
2. a shipped list: `coco`, also `COCO` or `imagenet-21k`;
3. what was learnt from pictures: `breeds.vocab`, alone or among words: `breeds.vocab, cat`;
4. a file, where a slash, a leading `~` or `.`, or an extension makes it look like one: `labels.txt`,
   `./labels`;
5. else one word: `taxi`; unless it is nearly a shipped name, or a file of that name lies right there:
   that is an error which says how to write either meaning.

A word may bring its own threshold along, among words and in files: `dog:0.6, person`. It may be a phrase,
which some detectors find by its parts: `person on bench, red car`; in quotes it is a name.
"""

import re
from pathlib import Path, PurePath

from vocabularies.errors import VocabularyError
from vocabularies.label import clean_label
from vocabularies.label_file import read_label_file
from vocabularies.learnt import SUFFIX, LearntLabels, one_learnt
from vocabularies.phrase_reading import read_phrases
from vocabularies.shipped import SHIPPED_NAMES, nearest_shipped_name, shipped_labels, shipped_name
from vocabularies.vocabulary import DEFAULT_PROMPTS, Vocabulary
from vocabularies.word_threshold import split_thresholds

_CUSTOM = "custom"
_SEPARATOR = re.compile(r"[,\r\n]")
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,5}$")
_LIST_EXTENSION = re.compile(r"\.(?:txt|names|csv|json|list)$", re.IGNORECASE)


def parse_vocabulary(text: str, *, prompts: tuple[str, ...] = DEFAULT_PROMPTS) -> Vocabulary:
    """Return the vocabulary a text names: a shipped list, a file, or words separated by commas.

    Raises `VocabularyError`, one line, where it is empty, names a thing twice, or cannot be told or read.
    """
    words, learnt = _without_learnt(text.strip())
    name, words_asked = _named_labels(words) if words or learnt is None else (learnt[0], ())
    written, thresholds = split_thresholds(words_asked)
    labels, phrases = read_phrases(written)
    called = dict(zip(written, labels, strict=True))
    if learnt is not None:
        labels = (*labels, *learnt[1].labels)
    return Vocabulary(
        name=name,
        labels=labels,
        prompts=prompts,
        thresholds=tuple((called[label], threshold) for label, threshold in thresholds),
        learnt=None if learnt is None else learnt[1],
        phrases=phrases,
    )


def _without_learnt(text: str) -> tuple[str, tuple[str, LearntLabels] | None]:
    """Split off what was learnt from pictures: (the other words, (name, labels) or None)."""
    parts = [part.strip() for part in _SEPARATOR.split(text)]
    files = [part for part in parts if part.lower().endswith(SUFFIX)]
    if not files:
        return text, None
    from vocabularies.learnt_file import read_learnt_file  # pyarrow, for those who have such a file alone

    words = ", ".join(part for part in parts if part and part not in files)
    path = _existing_file(files[0])
    learnt = one_learnt([read_learnt_file(_existing_file(file)) for file in files])
    assert learnt is not None, "there is one file at least"
    return f"{words}," if words else "", (clean_label(path.stem) or _CUSTOM, learnt)


def _named_labels(text: str) -> tuple[str, tuple[str, ...]]:
    if _SEPARATOR.search(text):
        return _CUSTOM, _words(text)
    if (shipped := shipped_name(text)) is not None:
        return shipped, shipped_labels(shipped)
    if _looks_like_a_file(text):
        path = _existing_file(text)
        return clean_label(path.stem) or _CUSTOM, read_label_file(path)
    label = clean_label(text)
    _check_meant_as_a_word(label)
    return _CUSTOM, (label,) if label else ()


def _words(text: str) -> tuple[str, ...]:
    labels = tuple(label for word in _SEPARATOR.split(text) if (label := clean_label(word)))
    for label in labels:
        if _LIST_EXTENSION.search(label):
            raise VocabularyError(f"{label!r} among the words is a file's name: give one file, or words")
    return labels


def _looks_like_a_file(text: str) -> bool:
    return "/" in text or text.startswith(("~", ".")) or _EXTENSION.search(text) is not None


def _existing_file(text: str) -> Path:
    path = _existing_path(text)
    if path is None:
        raise VocabularyError(f"there is no vocabulary file {text!r}: {_file_hint(text)}")
    return path


def _existing_path(text: str) -> Path | None:
    try:
        path = Path(text).expanduser()
        return path if path.exists() else None
    except PermissionError:
        return path  # it is said when the file is opened
    except (OSError, RuntimeError, ValueError):  # too long a name, an unknown user's home, a null byte
        return None


def _file_hint(text: str) -> str:
    if (nearest := nearest_shipped_name(PurePath(text).stem)) is not None:
        return f"did you mean the shipped list {nearest!r}?"
    if _LIST_EXTENSION.search(text):
        return "check its path"
    return f"check its path, or for the word itself write '{' '.join(text.split())},'"


def _check_meant_as_a_word(label: str) -> None:
    if (nearest := nearest_shipped_name(label)) is not None:
        raise VocabularyError(
            f"there is no vocabulary {label!r}: did you mean {nearest!r} (of {', '.join(SHIPPED_NAMES)})? "
            f"For the word itself write '{label},'"
        )
    if _is_file_here(label):
        raise VocabularyError(f"{label!r} is a word and a file here: write '{label},' or './{label}'")


def _is_file_here(label: str) -> bool:
    try:
        return label != "" and Path(label).is_file()
    except (OSError, ValueError):  # no name a file could have
        return False
