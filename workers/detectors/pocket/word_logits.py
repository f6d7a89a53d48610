"""From what embeddings, ImageNet and COCO's names say of words to one logit a word.

Legend: R regions, C words, O COCO's names, P and L some of the words or of the names.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.coco_kinds import KIND_SHARE
from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.prepared_words import PreparedWords

IMAGE_SHARE = 0.25
"""Weight of ImageNet's posterior beside the learnt likeness, for words that boxes taught."""
UNTAUGHT_IMAGE_SHARE = 0.65
"""ImageNet's weight for other words, of which boxes taught little (F-VLM, Kuo et al. 2023)."""
UNTAUGHT_GAIN = 2.0
"""Added to the logits of those words: boxes make what they teach too sure (Chao et al. 2016)."""
UNTAUGHT_SHARPNESS = np.float32(0.94)
"""What counts of their learnt likeness: more than of the background's, which ImageNet has a share in."""
FLOOR = 0.003
"""What ImageNet gives every word: those it has no name for, "person" above all, can still win."""
OFFSET = 0.2
"""Added to every logit: what a word alone scored beside 79 others."""


@dataclass(frozen=True)
class CocoSaid:
    """What COCO's names say of regions: others borrow from them, or are held below them."""

    taught_OR: Floats
    """Logits."""
    likeliest_OR: Floats
    """The share of ImageNet's posterior from which a kind of theirs is as sure as they are."""


@dataclass(frozen=True)
class Told:
    """What embeddings and ImageNet say of words, each against its own background."""

    learnt_CR: Floats
    """Logits without ImageNet, not against anything."""
    background_CR: Floats
    """Logarithm of what each word is held against."""
    seen_CR: Floats
    """The share of ImageNet's posterior that is theirs."""
    own_LR: Floats
    """Of words that COCO's names lend to: the share of the names that they stand for, of no others."""

    def taught(self, rows: NDArray[np.int64] | slice = slice(None)) -> Floats:
        """(rows, R) logits with ImageNet, as for words that boxes taught."""
        return mixed(self.learnt_CR[rows], self.seen_CR[rows]) - self.background_CR[rows]


def logits(told: Told, coco_said: CocoSaid, words: PreparedWords, block: NDArray[np.int64]) -> Floats:
    """(block, R) logits of words: as taught, as untaught, or between."""
    novelty_C = words.coco.novelty_C[block]
    logit_CR = _untaught(told, coco_said.taught_OR, words, block)
    (kind,) = words.coco.is_kind_C[block].nonzero()
    logit_CR[kind] = _kinds(told.seen_CR[kind], coco_said, words.coco.nearest_O_C[block][kind])
    (partly,) = (novelty_C < 1).nonzero()
    novelty_P1 = novelty_C[partly, None]
    logit_CR[partly] = (1 - novelty_P1) * told.taught(partly) + novelty_P1 * logit_CR[partly]
    lent = words.coco.lent(block)
    logit_CR[lent] = np.maximum(logit_CR[lent], _lent(told.own_LR, coco_said, words, block[lent]))
    return logit_CR + np.float32(OFFSET)


def _untaught(told: Told, taught_OR: Floats, words: PreparedWords, block: NDArray[np.int64]) -> Floats:
    """Logits of words that boxes did not teach: ImageNet has most of the say, COCO's names lend theirs."""
    likely_CR = UNTAUGHT_SHARPNESS * told.learnt_CR - told.background_CR
    (borrows,) = np.isfinite(words.coco.borrowing_cost_C[block]).nonzero()
    cost_B1 = words.coco.borrowing_cost_C[block][borrows, None]
    borrowed_BR = taught_OR[words.coco.nearest_O_C[block][borrows]] - cost_B1
    likely_CR[borrows] = np.maximum(likely_CR[borrows], borrowed_BR)
    seen_CR = np.minimum(told.seen_CR, 1)  # shares that were kept as bytes add up to a little more
    odds_CR = np.log((seen_CR + np.float32(FLOOR)) / (1 - seen_CR + np.float32(FLOOR)))
    share = np.float32(UNTAUGHT_IMAGE_SHARE)
    mixed_CR = (1 - share) * likely_CR + share * odds_CR + np.float32(UNTAUGHT_GAIN)
    room_CR = _room(taught_OR, words)[words.strange_C[block]]
    return np.asarray(np.minimum(np.minimum(likely_CR, mixed_CR), room_CR), np.float32)


def _room(taught_OR: Floats, words: PreparedWords) -> Floats:
    """(P, R) the highest logit that the surest of each set of COCO names leaves to a word.

    What is a person for sure is nothing that has nothing to do with people: their probabilities add up to 1.
    """
    surest_PR = np.where(words.strange_PO[..., None], taught_OR[None], -np.inf).max(1)
    return np.asarray(-surest_PR - np.float32(2 * OFFSET), np.float32)


def _kinds(seen_PR: Floats, coco_said: CocoSaid, parent_P: NDArray[np.int64]) -> Floats:
    """(P, R) logits of kinds of COCO's names: the name's for the likeliest, lower for those behind."""
    share_PR = (seen_PR + KIND_SHARE) / coco_said.likeliest_OR[parent_P]
    return np.asarray(coco_said.taught_OR[parent_P] + np.log(np.minimum(share_PR, 1)), np.float32)


def _lent(own_LR: Floats, coco_said: CocoSaid, words: PreparedWords, lent: NDArray[np.int64]) -> Floats:
    """(L, R) logits that COCO's names lend to words taught as their kinds or under another spelling."""
    nearest_L, apart_L1 = words.coco.nearest_O_C[lent], words.coco.told_apart_C[lent, None]
    return np.where(apart_L1, _kinds(own_LR, coco_said, nearest_L), coco_said.taught_OR[nearest_L])


def mixed(learnt: Floats, seen: Floats) -> Floats:
    """What embeddings and ImageNet say together, as of words that boxes taught."""
    share = np.float32(IMAGE_SHARE)
    return np.asarray((1 - share) * learnt + share * np.log(seen + np.float32(FLOOR)), np.float32)
