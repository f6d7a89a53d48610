"""A label that is a phrase, taken apart: 'person | riding | bicycle', 'red | car'.

What finds single words finds a phrase by its parts; what finds phrases reads the label and leaves the parts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from vocabularies.errors import VocabularyError

Relation = Literal[
    "on", "under", "in", "beside", "holding", "riding", "wearing", "behind", "in front of", "with"
]
"""Where the first thing is, seen from the second, or what it does with it."""

COLOURS = (
    "black",
    "white",
    "grey",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
)
"""The basic colour terms of English (Berlin and Kay 1969)."""

ALTERNATIVES = (
    ("wooden", "metal", "plastic", "glass", "leather", "stone"),
    ("striped", "spotted", "checkered", "plain"),
    ("open", "closed"),
    ("empty", "full"),
    ("wet", "dry"),
)
"""Attributes beside colours: each is held against the others of its row."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A noun and what is said of it."""

    noun: str
    """What the detector is asked for, in the singular."""
    attributes: tuple[str, ...] = ()
    """Of `COLOURS` and `ALTERNATIVES`."""

    @property
    def colours(self) -> tuple[str, ...]:
        """Those of the attributes that can be seen in pixels alone."""
        return tuple(attribute for attribute in self.attributes if attribute in COLOURS)

    @property
    def looks(self) -> tuple[tuple[str, ...], ...]:
        """For each other attribute the words that are held against each other, its own first."""
        rows = ((one, row) for one in self.attributes for row in ALTERNATIVES if one in row)
        return tuple(
            (f"{one} {self.noun}", *(f"{other} {self.noun}" for other in row if other != one))
            for one, row in rows
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """All that is asked of the detector."""
        return (self.noun, *(word for row in self.looks for word in row))


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """What is found under a label that is a phrase: the head, where all that is said of it holds."""

    label: str
    head: Thing
    relation: Relation | None = None
    object: Thing | None = None
    """What the head is in relation with."""

    def __post_init__(self) -> None:
        if (self.relation is None) != (self.object is None):
            raise VocabularyError(f"the phrase {self.label[:80]!r} has half a relation: it is damaged")

    @property
    def things(self) -> tuple[Thing, ...]:
        """Head and object."""
        return (self.head,) if self.object is None else (self.head, self.object)

    @property
    def colours(self) -> tuple[str, ...]:
        """All that are asked for."""
        return tuple(colour for thing in self.things for colour in thing.colours)

    @property
    def specificity(self) -> int:
        """How much is said beside the head's noun."""
        return sum(len(thing.attributes) for thing in self.things) + (self.relation is not None)

    def __str__(self) -> str:
        parts = [" ".join((*thing.attributes, thing.noun)) for thing in self.things]
        return " | ".join(parts if self.relation is None else [parts[0], self.relation, parts[1]])


def check_asks_no_colour(phrases: Iterable[Phrase]) -> None:
    """Raise `VocabularyError`, one line, for a phrase with a colour: of what was seen none are known."""
    for phrase in phrases:
        if phrase.colours:
            raise VocabularyError(
                f"{phrase.label!r} cannot be asked of what was seen: an earlier version looked, which kept "
                f"no colours; submit the video again, or ask for {phrase.head.noun!r} without a colour"
            )
