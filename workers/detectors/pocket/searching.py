"""Asking words of very many looks at once: the same scores, without all that depends on no word.

What is dear about a look is its background, a thousand known names. It is worked out once, and kept beside
the look; a word then costs a product of the look's embedding with the word and with the few names near to it.
That bounds what the word can score, and only looks that may reach the least are gone into.

Legend: L looks, M looks that may reach the least, C words, S known names asked for, O COCO's names,
T kept ImageNet names of a look, D sentence embedding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions.layout import Layout, Rows, segment_of
from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.prepared_words import WHOLE, NearNames, PreparedWords
from workers.detectors.pocket.scoring import (
    FLOOR,
    IMAGE_SHARE,
    LEAST_REST,
    OFFSET,
    UNTAUGHT_SHARPNESS,
    Background,
    CocoSaid,
    Scorer,
    Told,
    likeliest_kinds,
    logits,
    mixed,
    scores,
)

SLACK = np.float32(0.03)
"""Of a logit, more than float16 rounds: what is passed over is below the least by this much."""
_TOTAL_BYTES = 4


def background_rows(background: Background) -> Rows:
    """(L, bytes): the sum as float32, of which names are taken off, then COCO's logits as float16."""
    total_L1 = background.total_R[:, None].astype("<f4").view(np.uint8)
    taught_LO = np.ascontiguousarray(background.taught_OR.T.astype("<f2")).view(np.uint8)
    return np.concatenate((total_L1, taught_LO), axis=1)


def _total(rows: Rows) -> Floats:
    return np.ascontiguousarray(rows[:, :_TOTAL_BYTES]).view("<f4")[:, 0].astype(np.float32)


def _taught(rows: Rows) -> NDArray[np.float16]:
    """(L, O)."""
    return np.ascontiguousarray(rows[:, _TOTAL_BYTES:]).view("<f2")


@dataclass(frozen=True, kw_only=True)
class Looks:
    """Looks as they are kept, and their backgrounds."""

    rows: Rows
    background: Rows
    layout: Layout

    def segment(self, name: str) -> Floats:
        """One segment of all."""
        return segment_of(self.rows, self.layout, name)

    def embedding(self) -> tuple[Floats, Floats]:
        """(L, D) whole steps and (L,) the step of each: their product is the first segment.

        So that there is one product a look in place of one a number.
        """
        width = 2 + self.layout[0].count
        scale_L1 = np.ascontiguousarray(self.rows[:, :2]).view("<f2").astype(np.float32)
        return self.rows[:, 2:width].view(np.int8).astype(np.float32), scale_L1[:, 0]

    def some(self, chosen_M: NDArray[np.int64]) -> "Looks":
        """Those alone."""
        return Looks(rows=self.rows[chosen_M], background=self.background[chosen_M], layout=self.layout)


class Searched:
    """Words, few enough to be asked at once, ready to be asked of looks."""

    def __init__(self, scorer: Scorer, words: PreparedWords) -> None:
        self._words, self._block = words, np.arange(len(words))
        names_S, place_F = np.unique(words.near.names_F, return_inverse=True)
        self._near = NearNames(names_F=place_F.reshape(-1), first_C=words.near.first_C)
        known, names = scorer.known, names_S[:-1]  # the last stands for no name
        self._word_rows_CD = words.rows_CD * np.float32(scorer.sharpness)
        self._near_rows_SD = known.rows_AD[names] * np.float32(scorer.sharpness)
        self._spread_KS = known.image_translation[:, names]
        self._own_KC = words.translation_KC.astype(np.float32) / WHOLE
        self._parents_P = np.unique(words.nearest_O_C[words.is_kind_C])
        self._kinds_KP = np.ascontiguousarray(scorer.own_kinds[:, self._parents_P])

    def scores(self, looks: Looks, least_L: Floats) -> Floats:
        """(L, C) the word scores; 0 where a word's logit is below the look's `least_L`."""
        found_LC = np.zeros((len(looks.rows), len(self._block)), np.float32)
        steps_LD, scale_L = looks.embedding()
        learnt_CL = np.asarray(self._word_rows_CD @ steps_LD.T * scale_L, np.float32)
        near_SL = np.asarray(self._near_rows_SD @ steps_LD.T * scale_L, np.float32)
        reach_CL = self._reach(learnt_CL, near_SL, looks)
        (chosen_M,) = np.nonzero((reach_CL >= least_L - SLACK).any(axis=0))
        if len(chosen_M):
            logit_CM = self._logits(learnt_CL[:, chosen_M], near_SL[:, chosen_M], looks.some(chosen_M))
            sure_M = np.ones(len(chosen_M), np.float32)
            found_LC[chosen_M] = np.where(logit_CM >= least_L[chosen_M], scores(logit_CM, sure_M), 0).T
        return found_LC

    def _reach(self, learnt_CL: Floats, near_SL: Floats, looks: Looks) -> Floats:
        """(C, L) what the logits are at most, as `reach.Reach` has it, but for less."""
        most_SL = mixed(near_SL, np.ones(1, np.float32))
        background_CL = self._background(most_SL, _total(looks.background))
        shares = np.float32(1 - IMAGE_SHARE), UNTAUGHT_SHARPNESS
        most_seen = np.float32(IMAGE_SHARE * np.log1p(FLOOR))
        reach_CL = np.maximum(*(share * learnt_CL for share in shares)) + most_seen - background_CL
        cost_C = np.where(self._words.is_kind_C, 0, self._words.borrowing_cost_C)
        (lent,) = np.isfinite(cost_C).nonzero()
        if len(lent):
            taught_OL = _taught(looks.background).T[self._words.nearest_O_C[lent]].astype(np.float32)
            reach_CL[lent] = np.maximum(reach_CL[lent], taught_OL - cost_C[lent, None])
        return np.asarray(reach_CL + np.float32(OFFSET), np.float32)

    def _logits(self, learnt_CM: Floats, near_SM: Floats, looks: Looks) -> Floats:
        """(C, M)."""
        names_MT = looks.segment("imagenet_names").astype(np.int64)
        shares_MT = looks.segment("imagenet_shares")
        near_SM = mixed(near_SM, _gathered(self._spread_KS, names_MT, shares_MT))
        told = Told(
            learnt_CR=learnt_CM,
            background_CR=self._background(near_SM, _total(looks.background)),
            seen_CR=_gathered(self._own_KC, names_MT, shares_MT),
        )
        taught_OM = np.ascontiguousarray(_taught(looks.background).T.astype(np.float32))
        likeliest_OM = np.zeros_like(taught_OM)
        likeliest_OM[self._parents_P] = likeliest_kinds(self._kinds_KP, names_MT, shares_MT)
        coco = CocoSaid(taught_OR=taught_OM, likeliest_OR=likeliest_OM)
        return logits(told, coco, self._words, self._block)

    def _background(self, near_SM: Floats, total_M: Floats) -> Floats:
        """(C, M) the logarithm of what each word is held against: all but the names near to it."""
        share_SM = np.concatenate((np.exp(near_SM - total_M), np.zeros((1, len(total_M)), np.float32)))
        rest_CM = 1 - self._near.sums(share_SM, np.arange(len(self._block)))
        return np.asarray(np.log(np.maximum(rest_CM, LEAST_REST)) + total_M, np.float32)


def _gathered(table_KS: Floats, names_MT: NDArray[np.int64], shares_MT: Floats) -> Floats:
    """(S, M) what of each look's posterior goes to each column."""
    seen_SM = np.zeros((table_KS.shape[1], len(names_MT)), np.float32)
    for table_K, seen_M in zip(np.ascontiguousarray(table_KS.T), seen_SM, strict=True):
        np.einsum("mt,mt->m", table_K[names_MT], shares_MT, out=seen_M)
    return seen_SM
