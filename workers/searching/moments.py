"""From looks that answer to moments that people want to see, each once.

One thing is several hits: by its looks, by the parts that footage is cut into, by every job that looked at
the same footage, by two boxes around it. Hits of one source that are at one place at one time are one moment,
which goes on where a thing appears where another one ended.

Legend: N hits, T things that were told already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.searching.asking import Hits
from workers.searching.kept_jobs import KeptJob
from workers.searching.things import LOOK, boxes_at

SAME_PLACE = 0.5
"""Intersection over union of two boxes of one moment at one time."""
GOES_ON = 0.25
"""Of the last of a thing and the first of another that is the same moment."""
WITHIN = 0.85
"""Share of the smaller of two boxes from which it lies in the other: a part of it, for the same word."""
LONGEST_GAP_SECONDS = 1.0
"""Between two things that are one moment."""
MOST_GONE_INTO = 4000
"""Hits of a word that are looked at one by one, the surest first: more than anybody wants to see."""
FEWEST_GONE_INTO = 500
"""So many at least, so that a moment lasts as long as all its things; then only until there are enough."""

Floats = NDArray[np.float32]


@dataclass(kw_only=True)
class Moment:
    """When and where something was seen."""

    word: int
    score: float
    job: KeptJob
    look: np.void
    """The surest; of `things.LOOK`."""
    first_seconds: float
    last_seconds: float


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """What was found of one word."""

    moments: tuple[Moment, ...]
    """The best first, no more than asked for."""
    count: int
    """Moments that were told apart: all of them, unless there are `more`."""
    more: bool
    things: int
    """Things in all, each of each job once."""


NOTHING = Ranked(moments=(), count=0, more=False, things=0)


def ranked(jobs: Sequence[KeptJob], hits: Hits, word: int, *, top: int) -> Ranked:
    """Return the best moments of a word, of hits that are all to be shown."""
    (rows,) = np.nonzero(hits.word == word)
    if not len(rows):
        return NOTHING
    order = _one_a_thing(jobs, hits, rows)
    best = order[:MOST_GONE_INTO]
    looks, score_N = _looks(jobs, hits, best), hits.score[best]
    told: dict[str, _Told] = {}
    found: list[Moment] = []
    for place, number in enumerate(hits.job[best].tolist()):
        if place >= FEWEST_GONE_INTO and len(found) > top:
            break
        job, look = jobs[number], looks[place : place + 1]
        here = told.setdefault(job.about.source_id, _Told(of_pictures=job.about.of_pictures))
        moment = here.moment_of(look)
        if moment is None:
            moment = _moment(word, float(score_N[place]), job, look[0])
            found.append(moment)
        here.add(look, moment)
    gone_into = sum(map(len, told.values()))
    return Ranked(
        moments=tuple(found[:top]), count=len(found), more=gone_into < len(order), things=len(order)
    )


class _Told:
    """The things of one source that are moments already."""

    def __init__(self, *, of_pictures: bool) -> None:
        self._looks = np.zeros(8, LOOK)
        self._moments: list[Moment] = []
        self._of_pictures = of_pictures

    def __len__(self) -> int:
        return len(self._moments)

    def moment_of(self, look: NDArray[np.void]) -> Moment | None:
        """The best moment that a thing, (1,) of `LOOK`, is a part of."""
        told = self._looks[: len(self._moments)]
        same_T = _in_one_picture(told, look) if self._of_pictures else _at_one_place(told, look)
        return self._moments[int(same_T.argmax())] if same_T.any() else None

    def add(self, look: NDArray[np.void], moment: Moment) -> None:
        """A thing is part of a moment, which lasts as long as it."""
        if len(self._moments) == len(self._looks):
            self._looks = np.concatenate((self._looks, np.zeros_like(self._looks)))
        self._looks[len(self._moments)] = look[0]
        self._moments.append(moment)
        moment.first_seconds = min(moment.first_seconds, float(look["first_seconds"][0]))
        moment.last_seconds = max(moment.last_seconds, float(look["last_seconds"][0]))


def _moment(word: int, score: float, job: KeptJob, look: np.void) -> Moment:
    return Moment(
        word=word,
        score=score,
        job=job,
        look=look,
        first_seconds=float(look["first_seconds"]),
        last_seconds=float(look["last_seconds"]),
    )


def _looks(jobs: Sequence[KeptJob], hits: Hits, rows: NDArray[np.int64]) -> NDArray[np.void]:
    looks = np.zeros(len(rows), LOOK)
    for number in np.unique(hits.job[rows]).tolist():
        (of_job,) = np.nonzero(hits.job[rows] == number)
        looks[of_job] = jobs[number].things()[hits.row[rows[of_job]]]
    return looks


def _one_a_thing(jobs: Sequence[KeptJob], hits: Hits, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The surest of these hits of each thing, the best first."""
    order = rows[np.argsort(-hits.score[rows], kind="stable")]
    thing_N = np.zeros(len(order), np.int64)
    for number in np.unique(hits.job[order]).tolist():
        (of_job,) = np.nonzero(hits.job[order] == number)
        thing_N[of_job] = jobs[number].thing_numbers()[hits.row[order[of_job]]] + (number << 44)
    _, first = np.unique(thing_N, return_index=True)
    return order[np.sort(first)]


def _in_one_picture(told: NDArray[np.void], look: NDArray[np.void]) -> NDArray[np.bool_]:
    return np.asarray((told["frame"] == look["frame"]) & (_overlap(told["box"], look["box"]) >= SAME_PLACE))


def _at_one_place(told: NDArray[np.void], look: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which things are somewhere where this one is at that time, or go on where it ends or begins."""
    first_T = np.maximum(told["first_seconds"], look["first_seconds"])
    last_T = np.minimum(told["last_seconds"], look["last_seconds"])
    same_T = np.asarray(first_T - last_T <= LONGEST_GAP_SECONDS, np.bool_)
    (near,) = np.nonzero(same_T)
    first, last, others = first_T[near], last_T[near], told[near]
    both, overlap = first <= last, np.zeros(len(near), np.float32)
    for moment in (look["seconds"], others["seconds"], (first + last) / 2):
        # where both were not seen at once, each is taken to stay where it was seen last or first
        time = np.where(both, moment.clip(first, np.maximum(first, last)), (first + last) / 2)
        boxes = boxes_at(others, time), boxes_at(look.repeat(len(near)), time)
        overlap = np.maximum(overlap, _overlap(*boxes))
    same_T[near] = overlap >= np.where(both, SAME_PLACE, GOES_ON)
    return same_T


def _overlap(one_T4: Floats, other_T4: Floats) -> Floats:
    """(T,) intersection over union, row by row; 1 where one box lies within the other."""
    size_T2 = np.minimum(one_T4[:, 2:], other_T4[:, 2:]) - np.maximum(one_T4[:, :2], other_T4[:, :2])
    shared_T = size_T2.clip(0).prod(axis=1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one_T4, other_T4)]
    within_T = shared_T >= WITHIN * np.minimum(*areas)
    return np.asarray(np.where(within_T, 1, shared_T / np.maximum(sum(areas) - shared_T, 1e-9)), np.float32)
