"""From what a region looks like to the probability of each word.

A softmax needs something to lose to: alone, any word would fit every region. So every vocabulary is scored
against distractors, the known names (ImageNet's and COCO's) that are far from all of the user's words.

Legend: N regions, C labels of the user, A candidates (labels, then distractors), K ImageNet names,
T kept ImageNet names of a region, W words of a region, S spellings of taught names, D sentence embedding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors.protocol import EmbeddedVocabulary

KEPT_NAMES = 16
"""How many of ImageNet's names are kept of a region's posterior."""
NEAR = 0.4
"""Cosine from which a known name is too near a user's word to be held against it."""
TRANSLATION_SHARPNESS = 20.0
"""Inverse temperature by which an ImageNet name spreads over the candidates."""
IMAGE_SHARE = 0.2
"""Weight of ImageNet's posterior in the geometric mix with the learnt one."""
TAUGHT = 0.6
"""Cosine to what boxes were called in training from which a word counts as taught itself."""
UNTAUGHT_IMAGE_SHARE = 0.65
"""ImageNet's weight for the user's other words, of which boxes taught little (F-VLM, Kuo et al. 2023)."""
UNTAUGHT_GAIN = 2.5
"""Added to the logits of those words: boxes make what they teach too sure (Chao et al. 2016)."""
FLOOR = 0.003
"""What ImageNet gives every candidate: words it has no name for, "person" above all, can still win."""
REGIONS_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """Embeddings of the names the network was taught."""

    rows_AD: NDArray[np.float32]
    """Centred, unit length; ImageNet's names first."""
    mean_D: NDArray[np.float32]
    """Mean direction, taken off every sentence before comparing."""
    image_names: int
    """How many of the rows are ImageNet's."""
    taught_SD: NDArray[np.float32]
    """What boxes were called in training, synonyms too; centred, unit length."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """A vocabulary made ready for scoring."""

    labels: int
    """The first so many candidates are the user's."""
    rows_AD: NDArray[np.float32]
    """Unit length."""
    translation_KA: NDArray[np.float32]
    """How an ImageNet name spreads over the candidates; rows sum to 1."""
    image_share_A: NDArray[np.float32]
    """Weight of ImageNet's posterior for each candidate."""
    gain_A: NDArray[np.float32]
    """Added to the logit of each candidate."""


def candidates(vocabulary: EmbeddedVocabulary, known: KnownNames) -> Candidates:
    """Add distractors to a vocabulary."""
    label_CD = _unit(_unit(vocabulary.embeddings) - known.mean_D)
    far = (known.rows_AD @ label_CD.T).max(1) < NEAR
    rows_AD = np.concatenate((label_CD, known.rows_AD[far]))
    likeness_KA = known.rows_AD[: known.image_names] @ rows_AD.T
    untaught_A = (known.taught_SD @ rows_AD.T).max(0) < TAUGHT
    untaught_A[len(label_CD) :] = False
    return Candidates(
        labels=len(label_CD),
        rows_AD=rows_AD,
        translation_KA=_softmax(TRANSLATION_SHARPNESS * likeness_KA),
        image_share_A=np.where(untaught_A, UNTAUGHT_IMAGE_SHARE, IMAGE_SHARE).astype(np.float32),
        gain_A=np.where(untaught_A, UNTAUGHT_GAIN, 0.0).astype(np.float32),
    )


def pack(embedding_ND: NDArray[np.float32], image_logits_NK: NDArray[np.float32]) -> NDArray[np.float16]:
    """(N, D + 2 T) float16: the embedding, the likeliest ImageNet names and their probabilities."""
    probability = _softmax(image_logits_NK)
    name = np.argsort(-probability, axis=-1, kind="stable")[:, :KEPT_NAMES]
    share = np.take_along_axis(probability, name, -1)
    return np.concatenate((_unit(embedding_ND), name, share), axis=-1).astype(np.float16)


def word_probabilities(
    packed: NDArray[np.float16], chosen: Candidates, sharpness: float, *, words: int = 1
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the best labels of each region (N, W) and their probabilities (N, W) among all candidates.

    W is `words`, or the number of labels where they are fewer.
    """
    most = min(words, chosen.labels)
    parts = [
        _best(packed[i : i + REGIONS_AT_ONCE].astype(np.float32), chosen, sharpness, most)
        for i in range(0, len(packed), REGIONS_AT_ONCE)
    ]
    if not parts:
        return np.zeros((0, most), np.int64), np.zeros((0, most), np.float32)
    return np.concatenate([label for label, _ in parts]), np.concatenate([p for _, p in parts])


def _best(
    packed: NDArray[np.float32], chosen: Candidates, sharpness: float, most: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    unit_ND, name_NT, share_NT = np.split(packed, [-2 * KEPT_NAMES, -KEPT_NAMES], axis=-1)
    learnt_NA = np.log(_softmax(sharpness * unit_ND @ chosen.rows_AD.T))
    seen_NA = np.zeros_like(learnt_NA)
    for t in range(KEPT_NAMES):
        seen_NA += share_NT[:, t, None] * chosen.translation_KA[name_NT[:, t].astype(int)]
    mixed_NA = learnt_NA + (np.log(seen_NA + FLOOR) - learnt_NA) * chosen.image_share_A + chosen.gain_A
    probability = _softmax(mixed_NA)[:, : chosen.labels]
    label = np.argsort(-probability, axis=-1, kind="stable")[:, :most]
    return label, np.take_along_axis(probability, label, -1)


def _softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True).clip(1e-12)
