"""Asking words of very many looks at once: the same scores, without all that depends on no word.

What is dear about a look is its background, a thousand known names. It is worked out once, and kept beside
the look, with the share of it that is of each *family*: the names whose nearest COCO name is the same. A word
then costs a product of the look's embedding with the word; what its near names take off the background is at
most what their families have. That bounds what the word can score, and only looks that may reach the least
are asked of the near names themselves.

Legend: L looks, M looks that may reach the least, C words, S known names asked for, O COCO's names and the
families of names nearest to each, T kept ImageNet names of a look, D sentence embedding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions.layout import Layout, Rows, segment_of, share_rows, shares_of
from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.prepared_words import WHOLE, NearNames, PreparedWords
from workers.detectors.pocket.scoring import LEAST_REST, Background, Scorer, scores
from workers.detectors.pocket.word_logits import OFFSET, UNTAUGHT_SHARPNESS, CocoSaid, Told, logits, mixed

SLACK = np.float32(0.03)
"""Of a logit, more than float16 rounds: what is passed over is below the least by this much."""
GATHERED_AT_ONCE = 128
"""Looks: of a hundred near names a megabyte, which a core's own cache holds."""
_TOTAL_BYTES = 4


def background_rows(background: Background) -> Rows:
    """(L, bytes): the sum as float32, COCO's logits as float16, and families' shares.

    Of the sum, names are taken off. A share is a byte, and no less than it is.
    """
    total_L1 = background.total_R[:, None].astype("<f4").view(np.uint8)
    taught_LO = np.ascontiguousarray(background.taught_OR.T.astype("<f2")).view(np.uint8)
    families_LO = share_rows(background.families_OR.T, at_least=True)
    return np.concatenate((total_L1, taught_LO, families_LO), axis=1)


def _total(rows: Rows) -> Floats:
    return np.ascontiguousarray(rows[:, :_TOTAL_BYTES]).view("<f4")[:, 0].astype(np.float32)


def _taught(rows: Rows, names_O: NDArray[np.int64]) -> Floats:
    """(O, L) the logits of these of COCO's names."""
    low_O = _TOTAL_BYTES + 2 * names_O
    halves_L2O = rows.take(np.stack((low_O, low_O + 1), axis=1).reshape(-1), axis=1)
    return np.ascontiguousarray(halves_L2O.view("<f2").T.astype(np.float32))


def _families(rows: Rows) -> Rows:
    """(L, O), coded as a `share`."""
    return rows[:, -_coco_names(rows) :]


def _coco_names(rows: Rows) -> int:
    """Three bytes are kept of each."""
    return int(rows.shape[1] - _TOTAL_BYTES) // 3


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
        scale_L1 = np.ascontiguousarray(self.rows[:, :2]).view("<f2").astype(np.float32)
        return self.rows[:, 2 : self._embedding_bytes].view(np.int8).astype(np.float32), scale_L1[:, 0]

    def some(self, chosen_M: NDArray[np.int64]) -> "Looks":
        """Those alone, without their embeddings."""
        rows = self.rows[:, self._embedding_bytes :][chosen_M]
        return Looks(rows=rows, background=self.background[chosen_M], layout=self.layout[1:])

    @property
    def _embedding_bytes(self) -> int:
        return self.layout[0].size_bytes


class Searched:
    """Words, few enough to be asked at once, ready to be asked of looks."""

    def __init__(self, scorer: Scorer, words: PreparedWords) -> None:
        self._words, self._block = words, np.arange(len(words))
        near = words.near.without(words.coco.is_kind_C)  # which COCO's names and ImageNet alone tell
        names_S, place_F = np.unique(near.names_F, return_inverse=True)
        self._near = NearNames(names_F=place_F.reshape(-1), first_C=near.first_C)
        known, names = scorer.known, names_S[:-1]  # the last stands for no name
        self._families_C = [np.unique(known.families[names]) for names in near.each()]
        self._word_rows_CD = words.rows_CD * np.float32(scorer.sharpness)
        self._near_rows_SD = known.rows_AD[names] * np.float32(scorer.sharpness)
        self._spread_KS = np.ascontiguousarray(known.image_translation[:, names])
        self._own_KC = words.translation_KC.astype(np.float32) / WHOLE
        self._lent_L = words.coco.lent(self._block)
        self._whole_KL = np.asarray(words.translation_KC[:, self._lent_L] == WHOLE, np.float32)
        told_apart_C = words.coco.is_kind_C | words.coco.is_lent_C
        self._parents_P = np.unique(words.coco.nearest_O_C[told_apart_C])
        self._kinds = scorer.own_kinds.some(self._parents_P)
        self._ask_coco = bool((words.coco.novelty_C > 0).any() or len(self._lent_L))

    def scores(self, looks: Looks, least_L: Floats) -> Floats:
        """(L, C) the word scores; 0 where a word's logit is below the look's `least_L`."""
        found_LC = np.zeros((len(looks.rows), len(self._block)), np.float32)
        steps_LD, scale_L = looks.embedding()
        learnt_CL = np.asarray(self._word_rows_CD @ steps_LD.T * scale_L, np.float32)
        reach_CL = self._reach(learnt_CL, looks.background)
        (chosen_M,) = np.nonzero((reach_CL >= least_L - SLACK).any(axis=0))
        if len(chosen_M):
            near_SM = np.asarray(self._near_rows_SD @ steps_LD[chosen_M].T * scale_L[chosen_M], np.float32)
            logit_CM = self._logits(learnt_CL[:, chosen_M], near_SM, looks.some(chosen_M))
            sure_M = np.ones(len(chosen_M), np.float32)
            found_LC[chosen_M] = np.where(logit_CM >= least_L[chosen_M], scores(logit_CM, sure_M), 0).T
        return found_LC

    def _reach(self, learnt_CL: Floats, background: Rows) -> Floats:
        """(C, L) what the logits are at most."""
        words, background_CL = self._words, self._least_background(background)
        taught_CL = mixed(learnt_CL, np.ones(1, np.float32)) - background_CL
        untaught_CL = UNTAUGHT_SHARPNESS * learnt_CL - background_CL
        cost_C = np.where(words.coco.is_kind_C, 0, words.coco.borrowing_cost_C)
        (lent,) = np.isfinite(cost_C).nonzero()
        if len(lent):
            lent_BL = _taught(background, words.coco.nearest_O_C[lent]) - cost_C[lent, None]
            only_B1 = words.coco.is_kind_C[lent, None]
            untaught_CL[lent] = np.where(only_B1, lent_BL, np.maximum(untaught_CL[lent], lent_BL))
        novelty_C1 = words.coco.novelty_C[:, None]
        reach_CL = (1 - novelty_C1) * taught_CL + novelty_C1 * untaught_CL
        whole_LL = _taught(background, words.coco.nearest_O_C[self._lent_L])
        reach_CL[self._lent_L] = np.maximum(reach_CL[self._lent_L], whole_LL)
        return np.asarray(reach_CL + np.float32(OFFSET), np.float32)

    def _least_background(self, background: Rows) -> Floats:
        """(C, L) what `_background` is at least: all but the families of the names near to each word."""
        families_LO, total_L = _families(background), _total(background)
        rest_CL = np.ones((len(self._families_C), len(total_L)), np.float32)
        for rest_L, families in zip(rest_CL, self._families_C, strict=True):
            rest_L -= shares_of(families_LO[:, families]).sum(axis=1)
        return np.asarray(np.log(np.maximum(rest_CL, LEAST_REST)) + total_L, np.float32)

    def _logits(self, learnt_CM: Floats, near_SM: Floats, looks: Looks) -> Floats:
        """(C, M)."""
        names_MT = looks.segment("imagenet_names").astype(np.int64)
        shares_MT = looks.segment("imagenet_shares")
        near_SM = mixed(near_SM, _gathered(self._spread_KS, names_MT, shares_MT))
        told = Told(
            learnt_CR=learnt_CM,
            background_CR=self._background(near_SM, _total(looks.background)),
            seen_CR=_gathered(self._own_KC, names_MT, shares_MT),
            own_LR=_gathered(self._whole_KL, names_MT, shares_MT),
        )
        return logits(told, self._coco_said(looks, names_MT, shares_MT), self._words, self._block)

    def _coco_said(self, looks: Looks, names_MT: NDArray[np.int64], shares_MT: Floats) -> CocoSaid:
        if not self._ask_coco:  # COCO's names alone are asked for, which depend on none
            nothing_OM = np.zeros((_coco_names(looks.background), len(looks.background)), np.float32)
            return CocoSaid(taught_OR=nothing_OM, likeliest_OR=nothing_OM)
        taught_OM = _taught(looks.background, np.arange(_coco_names(looks.background)))
        likeliest_OM = np.ones_like(taught_OM)
        likeliest_OM[self._parents_P] = self._kinds.likeliest(names_MT, shares_MT)
        return CocoSaid(taught_OR=taught_OM, likeliest_OR=likeliest_OM)

    def _background(self, near_SM: Floats, total_M: Floats) -> Floats:
        """(C, M) the logarithm of what each word is held against: all but the names near to it."""
        share_SM = np.concatenate((np.exp(near_SM - total_M), np.zeros((1, len(total_M)), np.float32)))
        rest_CM = 1 - self._near.sums(share_SM, np.arange(len(self._block)))
        return np.asarray(np.log(np.maximum(rest_CM, LEAST_REST)) + total_M, np.float32)


def _gathered(table_KS: Floats, names_MT: NDArray[np.int64], shares_MT: Floats) -> Floats:
    """(S, M) what of each look's posterior goes to each column."""
    seen_MS = np.zeros((len(names_MT), table_KS.shape[1]), np.float32)
    for start in range(0, len(names_MT), GATHERED_AT_ONCE):
        some = slice(start, start + GATHERED_AT_ONCE)
        rows_MTS = table_KS.take(names_MT[some], axis=0)
        np.matmul(shares_MT[some, None], rows_MTS, out=seen_MS[some, None])
    return np.ascontiguousarray(seen_MS.T)
