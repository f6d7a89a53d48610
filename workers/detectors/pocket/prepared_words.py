"""What can be said of a vocabulary's words before any picture: what each is judged against, and how.

A softmax needs something to lose to. Each word loses to its own background: the known names that are not near
to it. So what is said of a word does not depend on which others are asked.

Legend: C words, A known names (ImageNet's, then COCO's), K ImageNet's names, O COCO's names, R regions,
F near names of all words, D sentence embedding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.coco_relations import TAUGHT, CocoRelations
from workers.detectors.pocket.imagenet_groups import groups
from workers.detectors.pocket.known_names import Floats, KnownNames, sharpened

Value = TypeVar("Value", np.float32, np.float64)

NEAR_IMAGE_NAME = 0.4
"""Cosine from which an ImageNet name is too near a word to be held against it."""
NEAR_TAUGHT_NAME = 0.5
"""Cosine from which a COCO name may be, if it is also about as near as the nearest of them."""
NEARLY_NEAREST = 0.1
WORDS_AT_ONCE = 2048
WHOLE = np.float32(65535)
"""A share of 1 as it is kept: half the memory of float32, and converted faster than float16."""


@dataclass(frozen=True, kw_only=True)
class NearNames:
    """The known names near to each word, one after the other."""

    names_F: NDArray[np.int64]
    """Indices of known names, word by word. Each word's begin with one past the last name, which counts 0."""
    first_C: NDArray[np.int64]
    """Where each word's begin."""

    @classmethod
    def of(cls, near_CA: NDArray[np.bool_]) -> "NearNames":
        """From a table of which are near."""
        words, names = near_CA.shape
        padded = np.concatenate((np.ones((words, 1), bool), near_CA), axis=1)
        _, column_F = padded.nonzero()
        first_C = np.concatenate(([0], padded.sum(1).cumsum()[:-1]))
        return cls(names_F=np.where(column_F == 0, names, column_F - 1), first_C=first_C.astype(np.int64))

    @classmethod
    def joined(cls, parts: list["NearNames"]) -> "NearNames":
        """Of several blocks of words, in order."""
        sizes = np.cumsum([0, *(len(part.names_F) for part in parts[:-1])])
        return cls(
            names_F=np.concatenate([part.names_F for part in parts]),
            first_C=np.concatenate([part.first_C + size for part, size in zip(parts, sizes, strict=True)]),
        )

    def each(self) -> list[NDArray[np.int64]]:
        """The near names of word after word."""
        return [names[1:] for names in self._padded()]

    def without(self, words_C: NDArray[np.bool_]) -> "NearNames":
        """The same, but that nothing is near to these words."""
        parts = [names[:1] if bare else names for names, bare in zip(self._padded(), words_C, strict=True)]
        return NearNames.joined([NearNames(names_F=names, first_C=np.zeros(1, np.int64)) for names in parts])

    def sums(self, values_AR: NDArray[Value], words: NDArray[np.int64]) -> NDArray[Value]:
        """(words, R) sums over each word's near names. values_AR: one more row than names, of 0."""
        count_W = np.append(self.first_C, len(self.names_F))[words + 1] - self.first_C[words]
        end_W = count_W.cumsum()
        place_F = np.arange(count_W.sum()) + (self.first_C[words] - end_W + count_W).repeat(count_W)
        gathered_FR = values_AR.take(self.names_F[place_F], axis=0)
        sums_CR: NDArray[Value] = np.add.reduceat(gathered_FR, end_W - count_W, axis=0)
        return sums_CR

    def _padded(self) -> list[NDArray[np.int64]]:
        return np.split(self.names_F, self.first_C[1:])


@dataclass(frozen=True, kw_only=True)
class PreparedWords:
    """Words ready for scoring."""

    rows_CD: Floats
    """Centred, unit length."""
    translation_KC: NDArray[np.uint16]
    """Share of an ImageNet name that is a word's, against the word's background; in units of 1 / `WHOLE`."""
    near: NearNames
    coco: CocoRelations
    """How they stand to the names that boxes taught."""
    strange_PO: NDArray[np.bool_]
    """Sets of COCO names, none twice: those that neither sentences nor WordNet bring near to some word."""
    strange_C: NDArray[np.int64]
    """Each word's set."""

    def __len__(self) -> int:
        return len(self.rows_CD)


def prepare(
    rows_CD: Floats, known: KnownNames, labels: Sequence[str], coco_CK: NDArray[np.bool_]
) -> PreparedWords:
    """Prepare words given as `KnownNames.unit` rows."""
    blocks = [slice(i, min(i + WORDS_AT_ONCE, len(rows_CD))) for i in range(0, len(rows_CD), WORDS_AT_ONCE)]
    prepared = [_Block.of(rows_CD[block], labels[block], known) for block in blocks]
    spelt_CO = np.concatenate([block.spelt_CO for block in prepared])
    group_CK = np.concatenate([block.group_CK for block in prepared])
    likeness_C = (rows_CD @ known.rows_AD[known.image_names :].T).max(1)
    strange_PO, strange_C = _sets(np.concatenate([block.strangers(coco_CK) for block in prepared]))
    return PreparedWords(
        rows_CD=rows_CD,
        translation_KC=np.concatenate([block.translation_KC for block in prepared], axis=1),
        near=NearNames.joined([block.near for block in prepared]),
        coco=CocoRelations.of(group_CK, coco_CK, spelt_CO, likeness_C),
        strange_PO=strange_PO,
        strange_C=strange_C,
    )


@dataclass(frozen=True, kw_only=True)
class _Block:
    """What is prepared of some of the words at once, to bound memory."""

    spelt_CO: Floats
    group_CK: NDArray[np.bool_]
    near: NearNames
    translation_KC: NDArray[np.uint16]

    @classmethod
    def of(cls, rows_CD: Floats, labels: Sequence[str], known: KnownNames) -> "_Block":
        cosine_KC = known.rows_AD[: known.image_names] @ rows_CD.T
        group_CK = groups(labels, np.ascontiguousarray(cosine_KC.T))
        spelt_CO = known.best_spellings(rows_CD)
        near_image_KC = (cosine_KC >= NEAR_IMAGE_NAME) | group_CK.T
        near = NearNames.of(np.concatenate((near_image_KC.T, _near_taught(spelt_CO)), axis=1))
        return cls(
            spelt_CO=spelt_CO,
            group_CK=group_CK,
            near=near,
            translation_KC=_translation(cosine_KC, near, group_CK, known, alone_C=spelt_CO.max(1) < TAUGHT),
        )

    def strangers(self, coco_OK: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(C, O) which COCO names have nothing to do with each word."""
        shared_CO = self.group_CK.astype(np.float32) @ coco_OK.T.astype(np.float32)
        return np.asarray(~_near_taught(self.spelt_CO) & (shared_CO == 0))


def _sets(member_CO: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """The different rows, and which of them each row is."""
    packed_CB = np.packbits(member_CO, axis=1)
    _, first_P, set_C = np.unique(packed_CB, axis=0, return_index=True, return_inverse=True)
    return member_CO[first_P], np.asarray(set_C.reshape(-1), np.int64)


def _near_taught(spelt_CO: Floats) -> NDArray[np.bool_]:
    """(C, O) which COCO names are too near to be held against each word."""
    nearest_C1 = spelt_CO.max(1, keepdims=True)
    return np.asarray((spelt_CO >= NEAR_TAUGHT_NAME) & (spelt_CO >= nearest_C1 - NEARLY_NEAREST))


def _translation(
    cosine_KC: Floats,
    near: NearNames,
    group_CK: NDArray[np.bool_],
    known: KnownNames,
    *,
    alone_C: NDArray[np.bool_],
) -> NDArray[np.uint16]:
    """(K, C) a name goes in whole to the words it is a kind of; to others as far as it is like them.

    alone_C: words that get nothing of other names if they stand for some: one breed is not another.
    """
    own_KC = sharpened(cosine_KC)
    # float64: what is left is small beside what is taken off
    likeness_AK = known.image_likeness.T.astype(np.float64)
    padded_AK = np.concatenate((likeness_AK, np.zeros((1, known.image_names))))
    against_KC = (likeness_AK.sum(0) - near.sums(padded_AK, np.arange(len(group_CK)))).T
    share_KC = own_KC / (own_KC + against_KC.astype(np.float32).clip(0))
    share_KC[:, alone_C & group_CK.any(1)] = 0
    share_KC[group_CK.T] = 1
    return np.asarray(np.rint(share_KC * WHOLE), np.uint16)
