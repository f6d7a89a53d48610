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
from workers.detectors.pocket.coco_kinds import Kinds
from workers.detectors.pocket.coco_relations import BORROWING_COST
from workers.detectors.pocket.imagenet_groups import groups
from workers.detectors.pocket.known_names import Floats, KnownNames
from workers.detectors.pocket.packed_looks import KEPT_NAMES
from workers.detectors.pocket.prepared_words import (
    WHOLE,
    WORDS_AT_ONCE,
    PreparedWords,
    prepare,
)
from workers.detectors.pocket.reach import Reach, in_blocks, least_background
from workers.detectors.pocket.word_logits import (
    IMAGE_SHARE,
    OFFSET,
    UNTAUGHT_SHARPNESS,
    CocoSaid,
    Told,
    logits,
    mixed,
)
from workers.detectors.protocol import EmbeddedVocabulary

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


@dataclass(frozen=True, kw_only=True)
class Background:
    """What every word asks of regions and no word changes."""

    total_R: Floats
    """The logarithm of the sum over all known names."""
    taught_OR: Floats
    """COCO's logits."""
    families_OR: Floats
    """The share of that sum which the names of each family have; see `KnownNames.families`."""


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
            best = best.with_block(logit_CR, words.coco.preference_C[block], block, words_per_region)
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
        means_C = words.coco.is_kind_C | (words.coco.borrowing_cost_C <= BORROWING_COST * (1 - least))
        return np.where(means_C, words.coco.nearest_O_C, -1)

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
    def own_kinds(self) -> Kinds:
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
    lowest_preference = min(0.0, float(words.coco.preference_C.min()))
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
        own_LR=(translation_UC[:, words.coco.lent(block)] == WHOLE).T.astype(np.float32) @ regions.shares_UR,
    )


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
