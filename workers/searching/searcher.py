"""A search, from a request to what was found."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from api_client.contract.thresholds import Thresholds
from api_client.detectors import detector_kind
from api_client.errors import HoratioError, SettingsError
from api_client.job_files import JobFiles
from api_client.search.asked import FoundMoment, SearchAnswer, SearchRequest, WordFound
from api_client.settings import Settings
from api_client.store import ObjectStore
from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary, Rescorer
from workers.detectors.phrases.question import PhraseQuestion
from workers.searching.asking import Hits, ask
from workers.searching.asking_phrases import ask_phrase, asked_phrases
from workers.searching.gathering import Gathering, LeftOut, OnKept, looked_of
from workers.searching.groups import Detectors, Looked
from workers.searching.kept_jobs import KeptJob, KeptJobs
from workers.searching.moments import NOTHING, Moment, Ranked, ranked

_PHRASES_TOLD = 3


@dataclass(kw_only=True)
class _Found:
    """What came of the jobs of one detector after the other."""

    jobs: list[KeptJob] = field(default_factory=list)
    shown: list[Hits] = field(default_factory=list)
    """At or above the threshold; their jobs counted among all above."""
    best_W: NDArray[np.float32]
    """The best score of each word, shown or not; 0 where none came near."""
    notes: list[str] = field(default_factory=list)
    """On how phrases were asked."""

    def add(self, jobs: Sequence[KeptJob], hits: Hits, thresholds_W: NDArray[np.float32]) -> None:
        np.maximum.at(self.best_W, hits.word, hits.score)
        (rows,) = np.nonzero(hits.score >= thresholds_W[hits.word])
        self.shown.append(
            Hits(
                job=hits.job[rows] + len(self.jobs), row=hits.row[rows], word=hits.word[rows],
                score=hits.score[rows],
            )
        )  # fmt: skip
        self.jobs += jobs


class Searcher:
    """Answers requests; what one needed is still there for the next."""

    def __init__(self, settings: Settings, store: ObjectStore) -> None:
        self._store = store
        self._detectors = Detectors(settings, store)
        self._gathering = Gathering(store, KeptJobs(settings.home, store), self._detectors)

    def search(self, request: SearchRequest, on_kept: OnKept) -> SearchAnswer:
        """Search. Raises `SettingsError`, one line, where there is nothing that could be."""
        left_out = LeftOut()
        jobs = self._gathering.jobs(request, left_out, on_kept)
        found = _Found(best_W=np.zeros(len(request.vocabulary.labels), np.float32))
        for looked, group in _groups(jobs).items():
            try:
                self._ask(looked, group, request, found)
            except HoratioError as error:
                left_out.add(str(error), len(group))
        if not found.jobs:
            raise SettingsError(_nothing_to_search(request, self._store, left_out))
        return self._answer(request, found, left_out)

    def _ask(self, looked: Looked, jobs: Sequence[KeptJob], request: SearchRequest, found: _Found) -> None:
        rescorer = self._detectors.rescorer(looked)
        asked = _taken_apart(request.vocabulary, looked)
        words = self._detectors.words(asked, looked)
        default = rescorer.default_threshold if request.threshold is None else request.threshold
        thresholds = Thresholds(default=default, by_label=dict(asked.thresholds))
        least = thresholds.floors.each(asked.labels)
        hits = [_of_words(jobs, words, rescorer, thresholds)]
        hits += [
            ask_phrase(jobs, phrase, rescorer, least=least[phrase.label]) for phrase in asked_phrases(words)
        ]
        found.add(jobs, Hits.joined(hits), np.array(thresholds.each(asked.labels), np.float32))
        found.notes += _notes(request.vocabulary, asked, jobs)

    def _answer(self, request: SearchRequest, found: _Found, left_out: LeftOut) -> SearchAnswer:
        shown = Hits.joined(found.shown)
        labels = request.vocabulary.labels
        there = set(np.unique(shown.word).tolist())
        by_word = [
            ranked(found.jobs, shown, word, top=request.top) if word in there else NOTHING
            for word in range(len(labels))
        ]
        moments = sorted((m for one in by_word for m in one.moments), key=lambda moment: -moment.score)
        return SearchAnswer(
            moments=tuple(self._told(moment, labels) for moment in moments),
            words=tuple(
                _word(label, one, float(best))
                for label, one, best in zip(labels, by_word, found.best_W, strict=True)
            ),
            jobs=len(found.jobs),
            sources=len({job.about.source_id for job in found.jobs}),
            looks=sum(job.about.looks for job in found.jobs),
            notes=(*left_out.notes(), *dict.fromkeys(found.notes)),
        )

    def _told(self, moment: Moment, labels: Sequence[str]) -> FoundMoment:
        about, look = moment.job.about, moment.look
        return FoundMoment(
            word=labels[moment.word],
            score=round(moment.score, 4),
            job_id=about.job_id,
            source_id=about.source_id,
            source_name=about.source_name,
            first_seconds=round(moment.first_seconds, 3),
            last_seconds=round(moment.last_seconds, 3),
            best_seconds=round(float(look["seconds"]), 3),
            part=int(look["part"]),
            frame_index=int(look["frame"]),
            box_xyxy_px=_box(look["box"]),
            picture=self._picture(about.job_id, int(look["frame"])) if about.of_pictures else None,
        )

    def _picture(self, job_id: str, frame: int) -> str | None:
        picture = JobFiles(self._store, job_id).manifest().footage.picture(frame)
        return None if picture is None else picture.name


def _box(sides: NDArray[np.float32]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (round(float(side), 1) for side in sides)
    return left, top, right, bottom


def _taken_apart(vocabulary: Vocabulary, looked: Looked) -> Vocabulary:
    """The vocabulary without its phrases, where a detector reads them as they stand."""
    apart = detector_kind(looked.detector.name).takes_phrases_apart
    return vocabulary if apart else replace(vocabulary, phrases=())


def _of_words(
    jobs: Sequence[KeptJob], words: EmbeddedVocabulary, rescorer: Rescorer, thresholds: Thresholds
) -> Hits:
    """Of all labels but the phrases."""
    if not words.vocabulary.phrases:
        least = min(thresholds.floors.each(words.vocabulary.labels))
        return ask(jobs, words, rescorer, least=least)
    question = PhraseQuestion.of(words, thresholds)
    if question.words is None:
        return Hits.joined([])
    least = min(thresholds.floors.each(question.words.vocabulary.labels))
    hits = ask(jobs, question.words, rescorer, least=least)
    return replace(hits, word=question.word_ids[hits.word].astype(np.int64))


def _notes(vocabulary: Vocabulary, asked: Vocabulary, jobs: Sequence[KeptJob]) -> list[str]:
    read = [f"{phrase.label!r} as {phrase}" for phrase in asked.phrases]
    notes = [f"phrases were asked by their parts: {', '.join(read[:_PHRASES_TOLD])}"] if read else []
    notes += [
        f"{phrase.label!r} is asked as one word"
        for phrase in vocabulary.phrases
        if phrase not in asked.phrases
    ]
    blind = sum(not job.about.has_colours for job in jobs)
    coloured = [phrase.label for phrase in asked.phrases if phrase.colours]
    if blind and coloured:
        those = "1 job" if blind == 1 else f"{blind} jobs"
        notes.append(
            f"{coloured[0]!r} cannot be asked of {those}: an earlier version looked, which kept no colours; "
            "submit the video again"
        )
    return notes


def _groups(jobs: Sequence[KeptJob]) -> dict[Looked, list[KeptJob]]:
    groups: dict[Looked, list[KeptJob]] = defaultdict(list)
    for job in jobs:
        groups[looked_of(job)].append(job)
    return groups


def _word(label: str, found: Ranked, best: float) -> WordFound:
    near = round(best, 4) if best > 0 and not found.count else None
    return WordFound(word=label, moments=found.count, more=found.more, things=found.things, best_score=near)


def _nothing_to_search(request: SearchRequest, store: ObjectStore, left_out: LeftOut) -> str:
    reasons = "; ".join(left_out.notes())
    if reasons:
        return f"there is nothing to search: {reasons}"
    since = "" if request.since is None else f" that was submitted since {request.since:%Y-%m-%d %H:%M} UTC"
    return (
        f"no job in {store.url}{since} kept regions to search: `client submit VIDEO` makes one "
        "(HORATIO_REGIONS_PER_FRAME=0 keeps none)"
    )
