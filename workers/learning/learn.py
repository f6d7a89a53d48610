"""From what was seen in pictures to entries of a vocabulary, and how far they are to be believed.

Legend: N looks, E entries, G numbers compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api_client.errors import SettingsError
from vocabularies.learnt_file import LearntEntries
from workers.detectors import Detector
from workers.learning.calibration import USUAL, Calibration, calibrated
from workers.learning.confusion import Confusion
from workers.learning.discriminant import Discriminant, Floats, discriminant
from workers.learning.examples import Pictures

MOST_FOLDS = 10
FEWEST_TO_HOLD_OUT = 2
"""Examples of every label."""
FEWEST_ORDINARY = 5
"""Regions of anything else, by which what is learnt is told from it."""


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """Entries, and what the examples that were held out say of them."""

    entries: LearntEntries
    confusion: Confusion | None
    """None where there were too few examples to hold any out."""


@dataclass(frozen=True, kw_only=True)
class _HeldOut:
    """Margins by discriminants in which these looks had no part."""

    margins_NE: Floats
    truth_N: NDArray[np.int64]
    ordinary_NE: Floats

    def calibration(self) -> Calibration:
        """The likeliest; what must not be found is an entry as any other here."""
        return calibrated(self.margins_NE, self.truth_N, self.ordinary_NE)

    def confusion(self, labels: tuple[str, ...], calibration: Calibration) -> Confusion:
        """Of the labels; examples of what must not be found are left out."""
        ours = self.truth_N < len(labels)
        truth, margins = self.truth_N[ours], self.margins_NE[ours]
        said = margins[:, : len(labels)].argmax(axis=1)
        counts = np.zeros((len(labels), len(labels)), np.int64)
        np.add.at(counts, (truth, said), 1)
        odds = np.exp(calibration.slope * margins + calibration.offset)
        even = odds[np.arange(len(truth)), truth] / (1 + odds.sum(axis=1)) > 1 / 2
        return Confusion(
            labels=labels, counts_EE=counts, found_E=np.bincount(truth[even], minlength=len(labels))
        )


def learn(detector: Detector, pictures: Sequence[Pictures], others: Sequence[Pictures] = ()) -> Learnt:
    """Return what pictures teach.

    others: pictures of what must not be found: entries of their own that no label goes with.
    """
    assert detector.rescorer is not None
    every = [*pictures, *others]
    examples = [one.looks_NG for one in every]
    shipped = detector.rescorer.ordinary()
    ordinary = shipped if len(shipped) else np.concatenate([one.others_NG for one in every])
    if len(ordinary) < FEWEST_ORDINARY:
        raise SettingsError(
            f"beside what is to be learnt, only {len(ordinary)} other things are in the pictures: show whole "
            "scenes, so that there is something to tell it from"
        )
    held_out = _held_out(examples, ordinary)
    calibration = USUAL if held_out is None else held_out.calibration()
    entries = _entries(detector, pictures, others, discriminant(examples, ordinary), calibration)
    confusion = None if held_out is None else held_out.confusion(entries.labels, calibration)
    return Learnt(entries=entries, confusion=confusion)


def _held_out(examples: Sequence[Floats], ordinary: Floats) -> _HeldOut | None:
    """Every look judged by the others: in ten folds, or as many as the label with the fewest has."""
    folds = min(MOST_FOLDS, *(len(looks) for looks in examples))
    if folds < FEWEST_TO_HOLD_OUT:
        return None
    fold_of = [np.arange(len(looks)) % folds for looks in examples]
    ordinary_fold = np.arange(len(ordinary)) % folds
    margins, truth, nothing = [], [], []
    for fold in range(folds):
        kept = [looks[of != fold] for looks, of in zip(examples, fold_of, strict=True)]
        judged = discriminant(kept, ordinary[ordinary_fold != fold])
        for entry, (looks, of) in enumerate(zip(examples, fold_of, strict=True)):
            margins.append(judged.margins(looks[of == fold]))
            truth.append(np.full(len(margins[-1]), entry))
        nothing.append(judged.margins(ordinary[ordinary_fold == fold]))
    return _HeldOut(
        margins_NE=np.concatenate(margins),
        truth_N=np.concatenate(truth),
        ordinary_NE=np.concatenate(nothing),
    )


def _entries(
    detector: Detector,
    pictures: Sequence[Pictures],
    others: Sequence[Pictures],
    found: Discriminant,
    calibration: Calibration,
) -> LearntEntries:
    assert detector.rescorer is not None
    return LearntEntries(
        labels=tuple(one.label for one in pictures),
        examples_E=np.array([len(one.looks_NG) for one in (*pictures, *others)], np.int32),
        weights_EG=found.weights_EG,
        bias_E=found.bias_E,
        slope=calibration.slope,
        offset=calibration.offset,
        space=detector.rescorer.space,
        detector=detector.name,
        weights_digest=detector.weights_digest,
    )
