"""Words asked of a part that was looked at before: from its index to a detection log.

The detector's rescorer names every look once; a region is called what its thing was called at the look
nearest in time, and is as sure as the detector was of a thing in that very frame. No frame is decoded, no
network runs.

Legend: R regions of the part, L looks, C words, W words of a look.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api_client.contract import VideoSpec
from api_client.contract.detection_log import read_log, write_log
from api_client.contract.thresholds import Thresholds
from api_client.errors import IntegrityError, SettingsError
from api_client.log.regions import (
    NO_LOOK,
    IndexHeader,
    RegionIndex,
    are_read_alike,
    decoded,
    nearest_looks,
    shares_of,
)
from vocabularies.phrase import check_asks_no_colour
from workers.detectors import Detections, EmbeddedVocabulary, Naming, Rescorer
from workers.detectors.phrases.question import PhraseQuestion
from workers.first_answers import FirstAnswers
from workers.frame_detections import FrameDetections
from workers.log_writer import record_batches
from workers.near_misses import NearMisses

FEW_WORDS = 64
"""Of so many it is said how near those came that were not found; all are scored for that."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Words to ask of indexes of one detector."""

    vocabulary: EmbeddedVocabulary
    rescorer: Rescorer
    thresholds: Thresholds
    """From where on a word is shown; it is logged from the floors below."""
    phrases: PhraseQuestion | None = None
    """Where phrases are taken apart."""

    @property
    def words(self) -> EmbeddedVocabulary | None:
        """What looks are named by; None where there are phrases alone."""
        return self.vocabulary if self.phrases is None else self.phrases.words

    @property
    def shown_from(self) -> NDArray[np.float32]:
        """(C,)."""
        return np.array(self.thresholds.each(self.vocabulary.vocabulary.labels), np.float32)

    @property
    def logged_from(self) -> NDArray[np.float32]:
        """(C,)."""
        return np.array(self.thresholds.floors.each(self.vocabulary.vocabulary.labels), np.float32)


def rescore(
    index: RegionIndex,
    question: Question,
    video: VideoSpec,
    output_path: Path,
    *,
    first: FirstAnswers | None,
    first_log: Path,
    misses: NearMisses,
) -> int:
    """Write the part's detection log for the question; return how many detections are to be shown.

    Equal inputs give equal bytes. first: how the answers in `first_log`, the part's first log, are taken
    over. misses: is told of all that is found.
    """
    frames = _noted(rescored(index, question), misses)
    rows = record_batches(frames, video, question.vocabulary.vocabulary.labels)
    write_log(output_path, rows if first is None else first.merged(rows, first_log))
    misses.add([_nearest(index, question)])
    return _shown(output_path, question)


def rescored(index: RegionIndex, question: Question) -> Iterator[FrameDetections]:
    """Yield the detections of every frame in which there are regions, in order."""
    named = _Looks.named(index, question)
    look_R, floors = nearest_looks(index), question.logged_from
    order = np.lexsort((-index.objectness_R, index.frame_R))
    order = order[look_R[order] != NO_LOOK]
    frame_R = index.frame_R[order]
    bounds = np.append(np.flatnonzero(np.diff(frame_R, prepend=-1)), len(order)).tolist()
    for start, end in pairwise(bounds):
        rows = order[start:end]
        found = named.detections(
            index.boxes_R4[rows], index.objectness_R[rows], look_R[rows], threshold=float(floors.min())
        )
        yield FrameDetections(
            frame_index=int(frame_R[start]),
            pts=int(index.pts_R[rows[0]]),
            detections=found.where(found.scores >= floors[found.label_ids]),
        )


@dataclass(frozen=True, kw_only=True)
class _Looks:
    """What is said of all looks of a part, before any frame."""

    question: Question
    naming: Naming | None
    """By words; None where there are none."""
    chances_LC: NDArray[np.float32] | None
    """Of the parts of phrases; None where there are none."""
    shares_LK: NDArray[np.float32] | None
    """Their colours; None where no phrase asks for any."""

    @classmethod
    def named(cls, index: RegionIndex, question: Question) -> "_Looks":
        rescorer, words, phrases = question.rescorer, question.words, question.phrases
        looks_LF = decoded(index.looks, index.header.layout)
        asks_colours = phrases is not None and phrases.asks_colours
        return cls(
            question=question,
            naming=None if words is None else rescorer.name(looks_LF, words),
            chances_LC=None if phrases is None else rescorer.chances(looks_LF, phrases.parts),
            shares_LK=shares_of(index.colours) if asks_colours else None,
        )

    def detections(
        self,
        boxes_R4: NDArray[np.float32],
        objectness_R: NDArray[np.float32],
        look_R: NDArray[np.int64],
        *,
        threshold: float,
    ) -> Detections:
        """What is found in one frame, whose regions are called as at these looks."""
        rescorer, found = self.question.rescorer, None
        if self.naming is not None:
            naming = _of(self.naming, look_R)
            found = rescorer.detections(boxes_R4, objectness_R, naming, threshold=threshold)
        if self.question.phrases is None:
            assert found is not None, "there are words where there are no phrases"
            return found
        assert self.chances_LC is not None, "the parts of phrases were asked"
        scores_RC = rescorer.scores(objectness_R, self.chances_LC[look_R])
        shares_RK = None if self.shares_LK is None else self.shares_LK[look_R]
        return self.question.phrases.answered(found, boxes_R4, scores_RC, shares_RK, threshold=threshold)


def check_askable(header: IndexHeader, question: Question) -> None:
    """Raise, one line, where the words cannot be asked of an index."""
    if question.rescorer.weights_digest not in (None, header.weights_digest):
        raise SettingsError(
            f"the regions were kept by another version of the detector {header.detector!r} (its weights are "
            f"{header.weights_digest[:12]}…): submit the video again, or ask with that version"
        )
    if not are_read_alike(question.rescorer.layout, header.layout):
        raise IntegrityError(
            "the regions are kept in another layout than this version writes: submit the video again"
        )
    if question.phrases is not None and not header.colours:
        check_asks_no_colour(question.vocabulary.vocabulary.phrases)
    learnt = question.vocabulary.learnt
    if learnt is not None:
        learnt.check_fits(question.rescorer.space, header.weights_digest)


def _noted(frames: Iterator[FrameDetections], misses: NearMisses) -> Iterator[FrameDetections]:
    for frame in frames:
        misses.add([frame.detections])
        yield frame


def _nearest(index: RegionIndex, question: Question) -> Detections:
    """No detection, but the best score of every word at any look, where the words are few."""
    labels, words = question.vocabulary.vocabulary.labels, question.words
    best = np.zeros(len(labels), np.float32)
    (looked,) = np.nonzero(index.look_of_R >= 0)
    if words is not None and len(labels) <= FEW_WORDS and len(looked):
        looks = decoded(index.looks[index.look_of_R[looked]], index.header.layout)
        chances_LC = question.rescorer.chances(looks, words)
        scores_C = question.rescorer.scores(index.objectness_R[looked], chances_LC).max(axis=0)
        best[np.isin(labels, words.vocabulary.labels)] = scores_C
    return replace(Detections.none(), label_scores=best)


def _shown(path: Path, question: Question) -> int:
    return sum(
        int((rows["confidence"].to_numpy() >= question.shown_from[rows["class_id"].to_numpy()]).sum())
        for rows in read_log(path)
    )


def _of(naming: Naming, looks: NDArray[np.int64]) -> Naming:
    return Naming(labels_LW=naming.labels_LW[looks], word_scores_LW=naming.word_scores_LW[looks])
