"""Words asked of all looks of some jobs, in blocks, on all cores.

Legend: L looks of a block, C words.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api_client.local.cores import usable_cores
from api_client.log.regions import decoded
from api_client.log.regions.layout import Layout, Rows
from workers.detectors import EmbeddedVocabulary, Rescorer, Search, Searchable
from workers.searching.kept_jobs import KeptJob

FEW_WORDS = 64
"""So many are each judged by itself. Of more, a look shows the one that fits it best, as in a log."""
LOOKS_AT_ONCE = 8192
"""Some 13 MB of embeddings: of fewer two cores wait for each other more, of more they wait for memory."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Hits:
    """Looks that answer to words, in no order."""

    job: NDArray[np.int64]
    """Index among the jobs asked."""
    row: NDArray[np.int64]
    """Of the job's looks."""
    word: NDArray[np.int64]
    score: Floats

    @classmethod
    def joined(cls, parts: Sequence["Hits"]) -> "Hits":
        """All of several."""
        none = np.zeros(0, np.int64)
        return cls(
            job=np.concatenate([none, *(part.job for part in parts)]),
            row=np.concatenate([none, *(part.row for part in parts)]),
            word=np.concatenate([none, *(part.word for part in parts)]),
            score=np.concatenate([none.astype(np.float32), *(part.score for part in parts)]),
        )


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Some looks of some jobs that follow each other."""

    pieces: tuple[tuple[int, int, int], ...]
    """(job, first row, row after the last)."""

    def __len__(self) -> int:
        return sum(end - start for _, start, end in self.pieces)

    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(L,) job, (L,) row."""
        job = np.concatenate([np.full(end - start, job) for job, start, end in self.pieces])
        row = np.concatenate([np.arange(start, end) for _, start, end in self.pieces])
        return job, row


def ask(jobs: Sequence[KeptJob], words: EmbeddedVocabulary, rescorer: Rescorer, *, least: float) -> Hits:
    """Return the looks at which a word scores `least` or more, of every job."""
    few = len(words.vocabulary.labels) <= FEW_WORDS
    search = _search(rescorer, words) if few else None

    def of_block(block: _Block) -> Hits:
        looks, objectness_L = _rows(jobs, block, "looks"), _objectness(jobs, block)
        job, row = block.places()
        if search is None:
            named = rescorer.name(decoded(looks, rescorer.layout), words)
            word_L = named.labels_LW[:, 0]
            score_L = rescorer.scores(objectness_L, named.word_scores_LW)[:, 0]
            (found,) = np.nonzero(score_L >= least)
            return Hits(job=job[found], row=row[found], word=word_L[found], score=score_L[found])
        scores_LC = search(looks, _rows(jobs, block, "backgrounds"), objectness_L, least)
        found, word = np.nonzero((scores_LC >= least) & (scores_LC > 0))
        return Hits(job=job[found], row=row[found], word=word, score=scores_LC[found, word])

    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="asking") as pool:
        return Hits.joined(list(pool.map(of_block, _blocks(jobs))))


def _search(rescorer: Rescorer, words: EmbeddedVocabulary) -> Search:
    """The rescorer's own, or its `chances` asked of whole looks."""
    if isinstance(rescorer, Searchable):
        return rescorer.search(words)
    layout: Layout = rescorer.layout

    def found(rows: Rows, background: Rows, objectness_L: Floats, least: float) -> Floats:
        assert background.shape[1] == 0, "nothing is kept for those who would not read it"
        scores_LC = rescorer.scores(objectness_L, rescorer.chances(decoded(rows, layout), words))
        return np.where(scores_LC >= least, scores_LC, np.float32(0))

    return found


def _blocks(jobs: Sequence[KeptJob]) -> Iterator[_Block]:
    """So many looks at a time, of as many jobs as that takes: short jobs cost no more than long ones."""
    pieces: list[tuple[int, int, int]] = []
    room = LOOKS_AT_ONCE
    for number, job in enumerate(jobs):
        start = 0
        while start < job.about.looks:
            end = min(job.about.looks, start + room)
            pieces.append((number, start, end))
            room -= end - start
            start = end
            if not room:
                yield _Block(pieces=tuple(pieces))
                pieces, room = [], LOOKS_AT_ONCE
    if pieces:
        yield _Block(pieces=tuple(pieces))


def _rows(jobs: Sequence[KeptJob], block: _Block, name: str) -> Rows:
    mapped = {"looks": KeptJob.looks, "backgrounds": KeptJob.backgrounds}[name]
    parts = [mapped(jobs[job])[start:end] for job, start, end in block.pieces]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _objectness(jobs: Sequence[KeptJob], block: _Block) -> Floats:
    parts = [jobs[job].objectness()[start:end] for job, start, end in block.pieces]
    return np.asarray(np.concatenate(parts), np.float32)
