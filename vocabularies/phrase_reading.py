"""Which labels are phrases, and what their parts are. Nothing is guessed: closed lists decide.

A label is a phrase where it has a relation between two things ('person sitting on bench'), or an attribute
before a thing ('red car'). A name of a shipped list is never one ('fire hydrant', 'red fox'), nor a label
written in quotes, double or single. `a | relation | b` is one whatever the lists say.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from vocabularies.errors import VocabularyError
from vocabularies.phrase import ALTERNATIVES, COLOURS, Phrase, Thing
from vocabularies.phrase_words import (
    COLOUR_SPELLINGS,
    GARMENTS,
    LINKS,
    MORE_NOUNS,
    NEED_KNOWN_NOUNS,
    NEED_NO_OBJECT,
    PLURALS,
    RELATIONS,
    SHADES,
    SMALL_WORDS,
)
from vocabularies.shipped import SHIPPED_NAMES, shipped_labels

Words = Sequence[str]

_QUOTED = re.compile(
    r"""["“”]\s*([^"“”\s][^"“”]*)["“”]|['\u2018\u2019]\s*([^"“”'\u2018\u2019\s][^"“”]*)['\u2018\u2019]"""
)
"""Single ones are what is left to a shell's user who has opened double ones."""
_BAR = " | "
_LONGEST_WORDS = max(len(spelling.split()) for spelling in RELATIONS)
_ATTRIBUTES = {*COLOURS, *COLOUR_SPELLINGS, *(one for row in ALTERNATIVES for one in row)}


def read_phrases(labels: Iterable[str]) -> tuple[tuple[str, ...], tuple[Phrase, ...]]:
    """Return the labels, without quotes and bars, and those of them that are phrases.

    Raises `VocabularyError` where a relation has nothing after it, or bars divide something else.
    """
    plain: list[str] = []
    phrases: list[Phrase] = []
    for text in labels:
        quoted = _QUOTED.fullmatch(text)
        if quoted is not None:
            plain.append(" ".join((quoted[1] or quoted[2]).split()))
            continue
        phrase = _divided(text) if text.count(_BAR) == 2 else _phrase(text)
        plain.append(text if phrase is None else phrase.label)
        phrases += [] if phrase is None else [phrase]
    return tuple(plain), tuple(phrases)


def noun_of(word: str) -> str:
    """Return what a word is called as the head of a phrase: "people" is "person"."""
    return _singular(word.casefold().split())


def _divided(text: str) -> Phrase:
    """A phrase by the user's own bars, whatever its nouns are."""
    head_words, relation, object_words = text.casefold().split(_BAR)
    if relation in RELATIONS:
        head, object_ = (_thing(words.split(), known=False) for words in (head_words, object_words))
        if head is not None and object_ is not None:
            label = " ".join(text.replace(_BAR, " ").split())
            return Phrase(label=label, head=head, relation=RELATIONS[relation], object=object_)
    raise VocabularyError(
        f"{text!r} is not divided into a thing, a relation and a thing: write 'person | on | bench', "
        f"with one of {', '.join(dict.fromkeys(RELATIONS.values()))}"
    )


def _phrase(label: str) -> Phrase | None:
    words = label.casefold().split()
    if len(words) < 2 or "(" in label or _is_name(words):
        return None
    if not any(word in _ATTRIBUTES for word in words) and not any(_relations(words)):
        return None  # most labels: no list of nouns is read for them
    related = _related(words, label)
    if related is not None:
        return related
    thing = _thing(words, known=True)
    if thing is None or not _is_name(thing.noun.split()):
        _check_complete(words, label)
    return Phrase(label=label, head=thing) if thing is not None and thing.attributes else None


def _relations(words: Words) -> Iterable[tuple[int, int, str]]:
    """Where a relation may stand, and which: of those that begin at one word the longest first."""
    for start in range(len(words)):
        for end in range(min(len(words), start + _LONGEST_WORDS), start, -1):
            spelling = " ".join(words[start:end])
            if spelling in RELATIONS:
                yield start, end, spelling


def _related(words: Words, label: str) -> Phrase | None:
    for start, end, spelling in _relations(words):
        known = spelling in NEED_KNOWN_NOUNS
        head = _thing(_without_link(words[:start]), known=known or any(_relations(words[:start])))
        if head is None or end == len(words):
            continue
        relation = RELATIONS[spelling]
        worn = _colours(words[end:]) if relation in ("in", "wearing") else ()
        if worn:  # 'woman in red': nothing is named that she wears
            return Phrase(label=label, head=Thing(noun=head.noun, attributes=(*head.attributes, *worn)))
        object_ = _thing(words[end:], known=known)
        if object_ is not None and not any(_relations(words[end:])):
            if relation == "in" and object_.noun.split()[-1] in GARMENTS:
                relation = "wearing"
            return Phrase(label=label, head=head, relation=relation, object=object_)
    return None


def _check_complete(words: Words, label: str) -> None:
    """Refuse 'person on': a comma too early, or a word forgotten."""
    for start, end, spelling in _relations(words):
        if end < len(words) or spelling in NEED_NO_OBJECT or any(_relations(words[:start])):
            continue
        if _thing(_without_link(words[:start]), known=True) is not None:
            raise VocabularyError(
                f"{label!r} does not say what it is {spelling!r}: name that too, or, for a thing "
                f"called so, write it in quotes: '\"{label}\"'"
            )


def _thing(words: Words, *, known: bool) -> Thing | None:
    """Attributes and a noun; None where there is no noun, or none that is known."""
    rest = list(words)
    while rest and rest[0] in SMALL_WORDS:
        rest = rest[1:]
    attributes: list[str] = []
    while len(rest) > 1 and not _is_name(rest):
        if rest[0] in SHADES and rest[1] in _ATTRIBUTES:
            rest = rest[1:]
        elif rest[0] in _ATTRIBUTES:
            attributes.append(COLOUR_SPELLINGS.get(rest[0], rest[0]))
            rest = rest[2:] if rest[1] == "and" and len(rest) > 3 and rest[2] in _ATTRIBUTES else rest[1:]
        else:
            break
    noun = _singular(rest)
    if not noun or (noun in _ATTRIBUTES and not attributes and known) or "and" in rest:
        return None
    if (known or attributes) and not _is_thing(noun.split()):
        return None
    return Thing(noun=noun, attributes=tuple(dict.fromkeys(attributes)))


def _colours(words: Words) -> tuple[str, ...]:
    """The colours, where words are colours and nothing else."""
    meant = [word for word in words if word not in SHADES and word not in SMALL_WORDS and word != "and"]
    colours = tuple(dict.fromkeys(COLOUR_SPELLINGS.get(word, word) for word in meant))
    return colours if colours and all(colour in COLOURS for colour in colours) else ()


def _without_link(words: Words) -> Words:
    for link in LINKS:
        parts = link.split()
        if len(words) > len(parts) and list(words[-len(parts) :]) == parts:
            return words[: -len(parts)]
    return words


def _singular(words: Words) -> str:
    """The thing in the singular, where that is the known one."""
    if not words:
        return ""
    *before, last = words
    forms = [PLURALS.get(last, last)]
    if forms[0] == last and not _is_known(" ".join(words)):
        forms += [last[:-3] + "y"] * last.endswith("ies") + [last[:-2]] * last.endswith("es")
        forms += [last[:-1]] * (last.endswith("s") and not last.endswith("ss"))
    known = (form for form in forms if form and (_is_known(" ".join((*before, form))) or _is_known(form)))
    return " ".join((*before, next(known, forms[0])))


def _is_thing(words: Words) -> bool:
    """A known noun, or several ('delivery truck')."""
    return _is_known(" ".join(words)) or (len(words) > 1 and all(map(_is_known, words)))


def _is_name(words: Words) -> bool:
    """Of more than one word, and in a shipped list."""
    return len(words) > 1 and _is_known(" ".join(words))


def _is_known(noun: str) -> bool:
    plain = noun.replace("-", " ")
    return plain in MORE_NOUNS or plain in _names()


@cache
def _names() -> frozenset[str]:
    """All of the shipped lists, in lower case, without what they explain in brackets."""
    labels = (label for name in SHIPPED_NAMES for label in shipped_labels(name))
    return frozenset(
        label.partition(" (")[0].casefold().replace("-", " ").replace("_", " ") for label in labels
    )
