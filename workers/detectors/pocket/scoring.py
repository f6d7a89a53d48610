"""From what a region looks like to how sure each word is of it. Plain NumPy.

Every word is judged by itself, against the known names (ImageNet's and COCO's) that are not near to it, never
against the user's other words. The list decides only which of its words a region shows.

Legend: R regions, C words, A known names (ImageNet's, then COCO's), K ImageNet's names, O COCO's names,
T kept ImageNet names of a region, W words a region shows, D sentence embedding.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vocabularies import shipped_labels
from workers.detectors.pocket.best_words import BestWords
from workers.detectors.pocket.imagenet_groups import groups
from workers.detectors.pocket.known_names import Floats, KnownNames, normalised
from workers.detectors.pocket.prepared_words import (
    BORROWING_COST,
    FEWEST_KINDS,
    WHOLE,
    WORDS_AT_ONCE,
    PreparedWords,
    prepare,
)
from workers.detectors.pocket.reach import Reach, in_blocks, least_background
from workers.detectors.protocol import EmbeddedVocabulary

KEPT_NAMES = 16
"""How many of ImageNet's names are kept of a region's posterior."""
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
KIND_SHARE = 0.001
"""Added to what ImageNet gives a kind of a taught thing, so that none is impossible."""
LIKELIEST_KIND_SHARE = 0.02
"""Added to what it gives the likeliest of many: where it sees none of them, it cannot tell them apart."""
KEPT_VOCABULARIES = 2
"""How many stay prepared: a job's words, and the parts of its phrases."""
LEAST_REST = 1e-6
"""Share of the background that stays however near the likeliest names are to a word."""
OBJECTNESS_POWER = 0.6
WORD_POWER = 0.4
SLACK = np.float32(0.01)
"""Of a logit, more than float32 rounds: what is passed over is below the least by this much."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a vocabulary's words say of the regions of a frame."""

    labels_RW: NDArray[np.int64]
    """The words each region shows, best first."""
    scores_RW: Floats
    """How sure they are, in 0..1."""
    label_scores_C: Floats
    """The best score that any region gives each word, shown or not."""


@dataclass(frozen=True)
class CocoSaid:
    """What COCO's names say of regions: others borrow from them, or are held below them."""

    taught_OR: Floats
    """Logits."""
    likeliest_OR: Floats
    """The share of ImageNet's posterior from which a kind of theirs is as sure as they are."""


@dataclass(frozen=True)
class Kinds:
    """ImageNet's names as kinds of COCO's."""

    share_KO: Floats
    """How far each of them is one, 0 to 1."""
    added_O: Floats
    """Added to what ImageNet gives the likeliest of them."""

    @classmethod
    def of(cls, group_OK: NDArray[np.bool_], translation_KO: Floats) -> "Kinds":
        """Of few kinds the likeliest is as sure as the name, however little ImageNet sees of it.

        It names one thing of a region: a bowl of soup is the soup.
        """
        few_O = group_OK.sum(1) < FEWEST_KINDS
        return cls(
            share_KO=np.where(few_O, group_OK.T, translation_KO).astype(np.float32),
            added_O=np.where(few_O, KIND_SHARE, LIKELIEST_KIND_SHARE).astype(np.float32),
        )

    def some(self, names_P: NDArray[np.int64]) -> "Kinds":
        """Of those names alone."""
        return Kinds(np.ascontiguousarray(self.share_KO[:, names_P]), self.added_O[names_P])

    def likeliest(self, names_RT: NDArray[np.int64], shares_RT: Floats) -> Floats:
        """(O, R) the share from which a kind is as sure as the name, of regions' kept ImageNet names."""
        shares_RTO = self.share_KO[names_RT] * shares_RT[..., None]
        return np.asarray(shares_RTO.max(1, initial=0).T + self.added_O[:, None], np.float32)


@dataclass(frozen=True, kw_only=True)
class Background:
    """What every word asks of regions and no word changes."""

    total_R: Floats
    """The logarithm of the sum over all known names."""
    taught_OR: Floats
    """COCO's logits."""
    families_OR: Floats
    """The share of that sum which the names of each family have; see `KnownNames.families`."""


def pack(embedding_RD: Floats, image_logits_RK: Floats) -> NDArray[np.float16]:
    """(R, D + 2 T) float16: the embedding, the likeliest ImageNet names and their probabilities."""
    exponential_RK = np.exp(image_logits_RK - image_logits_RK.max(-1, keepdims=True))
    share_RK = exponential_RK / exponential_RK.sum(-1, keepdims=True)
    name_RT = _likeliest(share_RK)
    share_RT = np.take_along_axis(share_RK, name_RT, axis=-1)
    return np.concatenate((normalised(embedding_RD), name_RT, share_RT), axis=-1).astype(np.float16)


def _likeliest(share_RK: Floats) -> NDArray[np.int64]:
    """(R, T) names, the likeliest first."""
    some_RT = np.argpartition(-share_RK, KEPT_NAMES, axis=-1)[:, :KEPT_NAMES]
    order_RT = np.argsort(-np.take_along_axis(share_RK, some_RT, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(some_RT, order_RT, axis=-1)


class Scorer:
    """Scores packed regions by words. Prepares a vocabulary once and keeps the last ones' preparation."""

    def __init__(self, known: KnownNames, *, sharpness: float) -> None:
        self.known = known
        self.sharpness = sharpness
        self._prepared: dict[tuple[str, bytes], PreparedWords] = {}

    def read(
        self,
        packed: NDArray[np.float16],
        objectness_R: Floats,
        vocabulary: EmbeddedVocabulary,
        *,
        words_per_region: int = 1,
        least: float = 0.0,
    ) -> Reading:
        """Score every word for every region of a frame; W is `words_per_region`, or C where that is less.

        A word's score is the same whatever other words are asked, up to the rounding of float32.
        least: what is shown with a score from here on is exact; of a list of more than `WORDS_AT_ONCE` words,
        those that score less everywhere may be passed over, with a label score of 0.
        """
        words, regions = self.words(vocabulary), self._regions(packed)
        coco_said = self._coco_said(regions)
        sure_R = (objectness_R**OBJECTNESS_POWER).astype(np.float32)
        best = BestWords.none(len(packed))
        label_scores_C = np.zeros(len(words), np.float32)
        for block in in_blocks(_asked(words, regions, coco_said.taught_OR, least_logits(least, sure_R))):
            logit_CR = logits(_told(regions, words, block), coco_said, words, block)
            if len(packed):
                label_scores_C[block] = _best_scores(logit_CR, sure_R)
            best = best.with_block(logit_CR, words.preference_C[block], block, words_per_region)
        return Reading(
            labels_RW=best.label_WR.T.copy(),
            scores_RW=scores(best.logit_WR, sure_R).T.copy(),
            label_scores_C=label_scores_C,
        )

    def background(self, packed: NDArray[np.floating]) -> Background:
        """What every word asks of regions and no word changes."""
        regions = self._regions(packed)
        return Background(
            total_R=np.asarray(np.log(regions.total_R) + regions.peak_R, np.float32),
            taught_OR=self._coco_said(regions).taught_OR,
            families_OR=self._families @ (regions.values_AR[:-1] / regions.total_R),
        )

    def meanings(self, vocabulary: EmbeddedVocabulary, *, least: float) -> NDArray[np.int64]:
        """(C,) the COCO name that each word means: that it is a kind of, or from cosine `least` on; or -1."""
        words = self.words(vocabulary)
        means_C = words.is_kind_C | (words.borrowing_cost_C <= BORROWING_COST * (1 - least))
        return np.where(means_C, words.nearest_O_C, -1)

    def words(self, vocabulary: EmbeddedVocabulary) -> PreparedWords:
        """A vocabulary's words ready for scoring; the last few are kept."""
        key = (vocabulary.vocabulary.digest, vocabulary.embeddings[0].tobytes())
        if key not in self._prepared:
            while len(self._prepared) >= KEPT_VOCABULARIES:
                del self._prepared[next(iter(self._prepared))]
            self._prepared[key] = prepare(
                self.known.unit(vocabulary.embeddings),
                self.known,
                vocabulary.vocabulary.words,
                self._coco_groups,
            )
        return self._prepared[key]

    def _regions(self, packed: NDArray[np.floating]) -> "_Regions":
        width = self.known.rows_AD.shape[1]
        unit_DR = (packed[:, :width].astype(np.float32) * np.float32(self.sharpness)).T
        names_RT = packed[:, width : width + KEPT_NAMES].astype(np.int64)
        shares_RT = packed[:, width + KEPT_NAMES : width + 2 * KEPT_NAMES].astype(np.float32)
        names, shares_UR = _shares(names_RT, shares_RT)
        seen_AR = self.known.image_translation[names].T @ shares_UR
        logit_AR = mixed(self.known.rows_AD @ unit_DR, seen_AR)
        peak_R = logit_AR.max(0)
        values_AR = np.concatenate((np.exp(logit_AR - peak_R), np.zeros((1, len(packed)), np.float32)))
        return _Regions(
            unit_DR=unit_DR,
            names_RT=names_RT,
            shares_RT=shares_RT,
            names=names,
            shares_UR=shares_UR,
            values_AR=values_AR,
            total_R=values_AR.sum(0),
            peak_R=peak_R,
        )

    def _coco_said(self, regions: "_Regions") -> CocoSaid:
        told = _told(regions, self.own_names, np.arange(len(self.own_names)))
        likeliest_OR = self.own_kinds.likeliest(regions.names_RT, regions.shares_RT)
        return CocoSaid(taught_OR=told.taught(), likeliest_OR=likeliest_OR)

    @cached_property
    def own_kinds(self) -> "Kinds":
        """Of COCO's names."""
        return Kinds.of(self._coco_groups, self.own_names.translation_KC.astype(np.float32) / WHOLE)

    @cached_property
    def _families(self) -> Floats:
        """(O, A) 1 where a known name is of a COCO name's family."""
        own = np.arange(len(self.own_names))
        return np.asarray(self.known.families == own[:, None], np.float32)

    @cached_property
    def own_names(self) -> PreparedWords:
        """COCO's names as words: what others borrow from."""
        rows_OD = self.known.rows_AD[self.known.image_names :]
        return prepare(rows_OD, self.known, shipped_labels("coco"), self._coco_groups)

    @cached_property
    def _coco_groups(self) -> NDArray[np.bool_]:
        """ImageNet's names that COCO's names stand for."""
        rows_OD = self.known.rows_AD[self.known.image_names :]
        return groups(shipped_labels("coco"), rows_OD @ self.known.rows_AD[: self.known.image_names].T)


@dataclass(frozen=True, kw_only=True)
class _Regions:
    """What every word asks of the regions of a frame."""

    unit_DR: Floats
    """Times the sharpness, so that its product with a word is a logit."""
    names_RT: NDArray[np.int64]
    """ImageNet's names kept of each."""
    shares_RT: Floats
    names: NDArray[np.int64]
    """ImageNet's names among the kept of any region, U of them."""
    shares_UR: Floats
    values_AR: Floats
    """exp of the known names' logits less `peak_R`, and a row of 0."""
    total_R: Floats
    peak_R: Floats


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


def _asked(words: PreparedWords, regions: _Regions, taught_OR: Floats, least_R: Floats) -> NDArray[np.int64]:
    """The words to be scored: all, or of a long list those that can reach `least_R` anywhere."""
    if len(words) <= WORDS_AT_ONCE or np.isneginf(least_R).any():
        return np.arange(len(words))
    coco_OR = regions.values_AR[-1 - len(taught_OR) : -1]
    background_PR = least_background(coco_OR, regions.total_R, words, least_rest=LEAST_REST)
    reach = Reach(
        unit_DR=regions.unit_DR,
        least_share=1 - IMAGE_SHARE,
        greatest_share=float(UNTAUGHT_SHARPNESS),
        background_PR=background_PR + regions.peak_R,
        lent_OR=taught_OR,
    )
    lowest_preference = min(0.0, float(words.preference_C.min()))
    return reach.words(words, least_R + np.float32(lowest_preference - OFFSET) - SLACK)


def least_logits(least: float, sure_R: Floats) -> Floats:
    """(R,) logits from which a score is `least`: infinite where none is, or minus that where every one is."""
    probability_R = (least / sure_R.clip(1e-9)) ** (1 / WORD_POWER)
    with np.errstate(divide="ignore"):
        logit_R = np.log(probability_R) - np.log(1 - probability_R.clip(0, 1))
    return np.asarray(logit_R, np.float32)


def _told(regions: _Regions, words: PreparedWords, block: NDArray[np.int64]) -> Told:
    translation_UC = words.translation_KC[np.ix_(regions.names, block)].astype(np.float32)
    rest_CR = regions.total_R - words.near.sums(regions.values_AR, block)
    return Told(
        learnt_CR=words.rows_CD[block] @ regions.unit_DR,
        background_CR=np.log(np.maximum(rest_CR, LEAST_REST * regions.total_R)) + regions.peak_R,
        seen_CR=translation_UC.T @ (regions.shares_UR / WHOLE),
        own_LR=(translation_UC[:, words.lent(block)] == WHOLE).T.astype(np.float32) @ regions.shares_UR,
    )


def logits(told: Told, coco: CocoSaid, words: PreparedWords, block: NDArray[np.int64]) -> Floats:
    """(block, R) logits of words: as taught, as untaught, or between."""
    novelty_C = words.novelty_C[block]
    logit_CR = _untaught(told, coco.taught_OR, words, block)
    (kind,) = words.is_kind_C[block].nonzero()
    logit_CR[kind] = _kinds(told.seen_CR[kind], coco, words.nearest_O_C[block][kind])
    (partly,) = (novelty_C < 1).nonzero()
    novelty_P1 = novelty_C[partly, None]
    logit_CR[partly] = (1 - novelty_P1) * told.taught(partly) + novelty_P1 * logit_CR[partly]
    lent = words.lent(block)
    logit_CR[lent] = np.maximum(logit_CR[lent], _lent(told.own_LR, coco, words, block[lent]))
    return logit_CR + np.float32(OFFSET)


def _untaught(told: Told, taught_OR: Floats, words: PreparedWords, block: NDArray[np.int64]) -> Floats:
    """Logits of words that boxes did not teach: ImageNet has most of the say, COCO's names lend theirs."""
    likely_CR = UNTAUGHT_SHARPNESS * told.learnt_CR - told.background_CR
    (borrows,) = np.isfinite(words.borrowing_cost_C[block]).nonzero()
    cost_B1 = words.borrowing_cost_C[block][borrows, None]
    borrowed_BR = taught_OR[words.nearest_O_C[block][borrows]] - cost_B1
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


def _kinds(seen_PR: Floats, coco: CocoSaid, parent_P: NDArray[np.int64]) -> Floats:
    """(P, R) logits of kinds of COCO's names: the name's for the likeliest, lower for those behind."""
    share_PR = (seen_PR + KIND_SHARE) / coco.likeliest_OR[parent_P]
    return np.asarray(coco.taught_OR[parent_P] + np.log(np.minimum(share_PR, 1)), np.float32)


def _lent(own_LR: Floats, coco: CocoSaid, words: PreparedWords, lent: NDArray[np.int64]) -> Floats:
    """(L, R) logits that COCO's names lend to words taught as their kinds or under another spelling."""
    nearest_L, apart_L1 = words.nearest_O_C[lent], words.told_apart_C[lent, None]
    return np.where(apart_L1, _kinds(own_LR, coco, nearest_L), coco.taught_OR[nearest_L])


def mixed(learnt: Floats, seen: Floats) -> Floats:
    """What embeddings and ImageNet say together, as of words that boxes taught."""
    share = np.float32(IMAGE_SHARE)
    return np.asarray((1 - share) * learnt + share * np.log(seen + np.float32(FLOOR)), np.float32)


def _shares(name_RT: NDArray[np.int64], share_RT: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The names kept of any region (U,) and what each region gives them (U, R)."""
    names, place = np.unique(name_RT, return_inverse=True)
    shares_UR = np.zeros((len(names), len(name_RT)), np.float32)
    np.add.at(shares_UR, (place.reshape(name_RT.shape).T, np.arange(len(name_RT))), share_RT.T)
    return names, shares_UR


def scores(logit: Floats, sure_R: Floats) -> Floats:
    """From logits to scores in 0..1, of regions that are so sure to be a thing (raised to its power)."""
    probability = 1 / (1 + np.exp(-logit))
    return np.asarray(sure_R * probability ** np.float32(WORD_POWER), np.float32)


def _best_scores(logit_CR: Floats, sure_R: Floats) -> Floats:
    """(C,) the highest of each word's `scores`, raised to a power only once."""
    raised_R = sure_R ** np.float32(1 / WORD_POWER)
    return np.asarray((raised_R / (1 + np.exp(-logit_CR))).max(1) ** np.float32(WORD_POWER), np.float32)
