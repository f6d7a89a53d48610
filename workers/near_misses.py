"""How near words came that were asked and not found, over the frames of a chunk."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.detectors import Detections

MOST = 100
"""Words told of, the nearest first: a list may have twenty thousand."""


class NearMisses:
    """Collects the best score of every label. Empty where the detector does not say."""

    def __init__(self, labels: Sequence[str], *, shown_from: NDArray[np.float32]) -> None:
        """shown_from: (C,), from which score on each label counts."""
        self._labels = labels
        self._shown_from = shown_from
        self._best = np.zeros(len(labels), np.float32)
        self._found = np.zeros(len(labels), bool)

    def add(self, found: Sequence[Detections]) -> None:
        """Note what was seen in some frames."""
        for one in found:
            self._found[one.label_ids[one.scores >= self._shown_from[one.label_ids]]] = True
            if one.label_scores is not None:
                np.maximum(self._best, one.label_scores, out=self._best)

    def highest(self) -> dict[str, float]:
        """Label and best score, nearest first, of labels not found: always below their thresholds.

        A label may score above it and yet not be found, where every region shows another word. That one was
        not missed for lack of confidence, so it is not told of.
        """
        missed = ~self._found & (self._best > 0) & (self._best < self._shown_from)
        order = np.argsort(-self._best, kind="stable")
        nearest = order[missed[order]][:MOST]
        return {self._labels[label]: round(float(self._best[label]), 4) for label in nearest}
