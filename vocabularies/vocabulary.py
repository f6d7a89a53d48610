"""What to look for: an ordered list of labels and the sentences they are embedded in."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from vocabularies.errors import VocabularyError
from vocabularies.label import check_drawable
from vocabularies.learnt import LearntLabels
from vocabularies.phrase import Phrase

DEFAULT_PROMPTS = ("a {}",)
"""Detic's own prompt (Zhou et al. 2021)."""

MOST_LABELS = 50_000
"""Twice the longest list there is; their embeddings take 100 MB and more, and every worker holds them."""
MOST_PROMPTS = 1000


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The classes of a job. A label's position is its `class_id`."""

    name: str
    """A shipped list's name, a file's stem, or "custom": for people, never part of the identity."""
    labels: tuple[str, ...]
    """Stripped, not empty, in the user's order and spelling; unique whatever their case, which text
    encoders do not see."""
    prompts: tuple[str, ...] = DEFAULT_PROMPTS
    """Templates with one `{}`; with several, a label's embedding is the mean over all of them."""
    thresholds: tuple[tuple[str, float], ...] = ()
    """(label, least confidence, 0..1, from which on it counts), of labels that have one of their own."""
    learnt: LearntLabels | None = None
    """Which of the labels are no words but were learnt from pictures: the last ones."""
    phrases: tuple[Phrase, ...] = ()
    """Which of the words are phrases, in order, for what finds them by their parts."""

    def __post_init__(self) -> None:
        if not self.labels:
            raise VocabularyError('the vocabulary is empty: name at least one thing, e.g. "taxi, cyclist"')
        if len(self.labels) > MOST_LABELS:
            raise VocabularyError(f"the vocabulary has {len(self.labels)} labels: {MOST_LABELS} are the most")
        for label in self.labels:
            check_drawable(label)
            if not label or label != label.strip():
                raise VocabularyError(f"the label {label!r} is empty or has blanks around it: remove them")
        label, count = Counter(label.casefold() for label in self.labels).most_common(1)[0]
        if count > 1:
            raise VocabularyError(f"the vocabulary names {label!r} {count} times: once is enough")
        for label, threshold in self.thresholds:
            if label not in self.labels or not 0 <= threshold <= 1:
                raise VocabularyError(f"the threshold {threshold:g} of {label!r} is not one between 0 and 1")
        if self.learnt is not None and self.labels[-len(self.learnt.labels) :] != self.learnt.labels:
            raise VocabularyError("the learnt labels are not the last of the vocabulary: it is damaged")
        _check_phrases(self.phrases, self.words)
        if not self.prompts:
            raise VocabularyError('there is no prompt: name at least one, e.g. "a {}"')
        if len(self.prompts) > MOST_PROMPTS:
            raise VocabularyError(f"there are {len(self.prompts)} prompts: {MOST_PROMPTS} are the most")
        for prompt in self.prompts:
            check_drawable(prompt)
            if prompt.count("{}") != 1:
                raise VocabularyError(f"the prompt {prompt!r} must contain {{}} once, where the label goes")

    @cached_property
    def digest(self) -> str:
        """Sha256 over labels, prompts, what was learnt and parts, in order: equal ones ask the same."""
        parts = [self.labels, self.prompts, *([self.learnt.sha256] if self.learnt else [])]
        parts += [self.parts] if self.phrases else []
        canonical = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def words(self) -> tuple[str, ...]:
        """The labels that are text, first to last."""
        return self.labels[: len(self.labels) - (len(self.learnt.labels) if self.learnt else 0)]

    @property
    def parts(self) -> tuple[str, ...]:
        """What its phrases ask for, each once: embedded as words are, found under no label of their own."""
        return tuple(
            dict.fromkeys(part for phrase in self.phrases for thing in phrase.things for part in thing.parts)
        )

    def sentences(self, label: str) -> tuple[str, ...]:
        """The sentences to embed for one label, one per prompt."""
        return tuple(prompt.replace("{}", label) for prompt in self.prompts)


def _check_phrases(phrases: tuple[Phrase, ...], words: tuple[str, ...]) -> None:
    labels = {phrase.label for phrase in phrases}
    if len(labels) < len(phrases) or not labels <= set(words):
        raise VocabularyError("a phrase is none of the vocabulary's words, or is there twice: it is damaged")
    for phrase in phrases:
        for thing in phrase.things:
            check_drawable(" ".join((*thing.attributes, thing.noun)))
