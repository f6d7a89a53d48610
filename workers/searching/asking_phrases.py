"""Phrases asked of all looks, by their parts, as `workers.detectors.phrases` asks them of frames.

Every thing of a phrase is asked as a word is; its colours are those kept with the look. A relation is asked
of the boxes of things that were in sight at one time: every half second, on the ways that are kept of them.

Legend: N hits, K colours, H heads, O objects; positions in a phrase's parts are called places.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions import decoded, shares_of
from vocabularies import Vocabulary
from vocabularies.phrase import COLOURS, Phrase, Thing
from workers.detectors import EmbeddedVocabulary, Rescorer
from workers.detectors.phrases import colours
from workers.detectors.phrases.relations import degrees
from workers.searching.asking import Hits, ask
from workers.searching.kept_jobs import KeptJob
from workers.searching.things import boxes_at

STEP_SECONDS = 0.5
"""Between two moments at which it is asked how things lie to each other."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class AskedPhrase:
    """A phrase, and what its parts are for a detector."""

    phrase: Phrase
    label: int
    """Position among the labels asked for."""
    parts: EmbeddedVocabulary


def asked_phrases(vocabulary: EmbeddedVocabulary) -> Iterator[AskedPhrase]:
    """Yield each phrase with its own parts."""
    asked, rows = vocabulary.vocabulary, vocabulary.part_embeddings
    for phrase in asked.phrases:
        assert rows is not None, "the parts of phrases are embedded with the words"
        labels = replace(asked, labels=(phrase.label,), thresholds=(), learnt=None, phrases=(phrase,)).parts
        own = [asked.parts.index(part) for part in labels]
        parts = Vocabulary(name=asked.name, labels=labels, prompts=asked.prompts)
        yield AskedPhrase(
            phrase=phrase,
            label=asked.labels.index(phrase.label),
            parts=EmbeddedVocabulary(vocabulary=parts, embeddings=rows[own]),
        )


def ask_phrase(jobs: Sequence[KeptJob], asked: AskedPhrase, rescorer: Rescorer, *, least: float) -> Hits:
    """Return the looks of things that are the phrase's head, where it scores `least` or more."""
    parts = ask(jobs, asked.parts, rescorer, least=least)
    phrase = asked.phrase
    heads = _of_thing(jobs, parts, phrase.head, asked.parts, rescorer, least)
    if phrase.relation is not None and phrase.object is not None:
        objects = _of_thing(jobs, parts, phrase.object, asked.parts, rescorer, least)
        heads = _related(jobs, heads, objects, phrase, least)
    return replace(heads, word=np.full(len(heads.row), asked.label, np.int64))


def _of_thing(
    jobs: Sequence[KeptJob],
    parts: Hits,
    thing: Thing,
    vocabulary: EmbeddedVocabulary,
    rescorer: Rescorer,
    least: float,
) -> Hits:
    labels = vocabulary.vocabulary.labels
    hits = _where(parts, parts.word == labels.index(thing.noun))
    score_N = hits.score.copy()
    if thing.colours:
        shares_NK = shares_of(_rows(jobs, hits, "colours", len(COLOURS)))
        score_N = np.minimum(score_N, colours.degree(shares_NK, thing.colours))
    if thing.looks and len(score_N):
        looks = decoded(_rows(jobs, hits, "looks", jobs[0].looks().shape[1]), rescorer.layout)
        chances_NC = rescorer.chances(looks, vocabulary)
        for own, *others in thing.looks:
            likeliest_N = chances_NC[:, [labels.index(other) for other in others]].max(axis=1)
            score_N = np.where(chances_NC[:, labels.index(own)] > likeliest_N, score_N, 0)
    return _where(replace(hits, score=np.asarray(score_N, np.float32)), score_N >= least)


def _related(jobs: Sequence[KeptJob], heads: Hits, objects: Hits, phrase: Phrase, least: float) -> Hits:
    """The heads, each as sure as the least sure of it, its object and how they lie to each other."""
    score_N = np.zeros(len(heads.row), np.float32)
    for number in np.intersect1d(heads.job, objects.job).tolist():
        (head_H,), (object_O,) = np.nonzero(heads.job == number), np.nonzero(objects.job == number)
        things = jobs[number].things()
        of_heads, of_objects = things[heads.row[head_H]], things[objects.row[object_O]]
        in_pictures = jobs[number].about.of_pictures
        for part in np.intersect1d(of_heads["part"], of_objects["part"]).tolist():
            some_H, some_O = of_heads["part"] == part, of_objects["part"] == part
            held_H = _held(
                of_heads[some_H], of_objects[some_O], objects.score[object_O[some_O]], phrase, in_pictures
            )
            score_N[head_H[some_H]] = np.minimum(heads.score[head_H[some_H]], held_H)
    return _where(replace(heads, score=score_N), score_N >= least)


def _held(
    heads: NDArray[np.void], objects: NDArray[np.void], sure_O: Floats, phrase: Phrase, in_pictures: bool
) -> Floats:
    """(H,) how sure it is of each head at its best moment that it is so with an object."""
    assert phrase.relation is not None
    best_H = np.zeros(len(heads), np.float32)
    for seconds in _moments(heads, objects, in_pictures):
        seen_H, seen_O = (
            (of["first_seconds"] <= seconds) & (seconds <= of["last_seconds"]) for of in (heads, objects)
        )
        if seen_H.any() and seen_O.any():
            boxes_H4, boxes_O4 = (
                boxes_at(of[seen], np.full(int(seen.sum()), seconds))
                for of, seen in ((heads, seen_H), (objects, seen_O))
            )
            holds_HO = np.minimum(degrees(phrase.relation, boxes_H4, boxes_O4), sure_O[seen_O])
            best_H[seen_H] = np.maximum(best_H[seen_H], holds_HO.max(axis=1))
    return best_H


def _moments(heads: NDArray[np.void], objects: NDArray[np.void], in_pictures: bool) -> NDArray[np.float64]:
    """When to look where things are, while there are both kinds; pictures one by one."""
    if in_pictures:
        return np.intersect1d(heads["seconds"], objects["seconds"])
    first = max(heads["first_seconds"].min(), objects["first_seconds"].min())
    last = min(heads["last_seconds"].max(), objects["last_seconds"].max())
    if first > last:
        return np.zeros(0)
    return np.linspace(first, last, 1 + int((last - first) // STEP_SECONDS) + 1)


def _rows(jobs: Sequence[KeptJob], hits: Hits, name: str, width: int) -> NDArray[np.uint8]:
    """(N, width) what is kept of the looks under that name."""
    rows = np.zeros((len(hits.row), width), np.uint8)
    for number in np.unique(hits.job).tolist():
        of_job = hits.job == number
        kept = jobs[number].looks() if name == "looks" else jobs[number].colours()
        rows[of_job] = kept[hits.row[of_job]]
    return rows


def _where(hits: Hits, kept_N: NDArray[np.bool_]) -> Hits:
    return Hits(job=hits.job[kept_N], row=hits.row[kept_N], word=hits.word[kept_N], score=hits.score[kept_N])
