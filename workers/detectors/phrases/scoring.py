"""How sure it is that a region shows a phrase: as sure as the least sure of its parts.

Each thing of a phrase is asked alone of every region, whatever else is asked, and each relation of every two
regions. The least is on the scale of a word's own confidence, so that one threshold serves words and phrases;
a product would put every phrase below its words.

Legend: R regions of a frame, C parts of all phrases, P phrases, K colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocabularies.phrase import Phrase, Thing
from workers.detectors.phrases import colours
from workers.detectors.phrases.relations import degrees

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class SeenParts:
    """What is known of the regions of one frame."""

    boxes_R4: Floats
    parts: Sequence[str]
    """What was asked, C texts."""
    scores_RC: Floats
    """How sure each part is of each region, asked alone."""
    shares_RK: Floats | None
    """Colours of the regions; None where no phrase asks for any."""

    def of_phrases(self, phrases: Sequence[Phrase]) -> Floats:
        """(R, P): how sure each phrase is of each region as its head, in 0..1."""
        if not phrases:
            return np.zeros((len(self.boxes_R4), 0), np.float32)
        return np.stack([self._of_phrase(phrase) for phrase in phrases], axis=1)

    def _of_phrase(self, phrase: Phrase) -> Floats:
        head_R = self._of_thing(phrase.head)
        if phrase.relation is None or phrase.object is None or not len(head_R):
            return head_R
        holds_RR = degrees(phrase.relation, self.boxes_R4, self.boxes_R4)
        pair_RR = np.minimum(holds_RR, self._of_thing(phrase.object)[None])
        return np.asarray(np.minimum(head_R, pair_RR.max(axis=1)), np.float32)

    def _of_thing(self, thing: Thing) -> Floats:
        score_R = self._of_part(thing.noun)
        if thing.colours:
            assert self.shares_RK is not None, "who asks for colours has pixels"
            score_R = np.minimum(score_R, colours.degree(self.shares_RK, thing.colours))
        for own, *others in thing.looks:
            likeliest_R = np.max([self._of_part(other) for other in others], axis=0)
            score_R = np.where(self._of_part(own) > likeliest_R, score_R, 0)
        return np.asarray(score_R, np.float32)

    def _of_part(self, part: str) -> Floats:
        return self.scores_RC[:, self.parts.index(part)]
