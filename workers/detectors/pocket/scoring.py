"""From what a region looks like to the probability of each word.

A softmax needs something to lose to: alone, any word would fit every region. So every vocabulary is scored
against distractors, the known names (ImageNet's and COCO's) that are far from all of the user's words.

Legend: N regions, C labels of the user, A candidates (labels, then distractors), K ImageNet names,
T kept ImageNet names of a region, W words of a region, S spellings of taught names, D sentence embedding.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

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

    rows_AD: Tensor
    """Centred, unit length; ImageNet's names first."""
    mean_D: Tensor
    """Mean direction, taken off every sentence before comparing."""
    image_names: int
    """How many of the rows are ImageNet's."""
    taught_SD: Tensor
    """What boxes were called in training, synonyms too; centred, unit length."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """A vocabulary made ready for scoring."""

    labels: int
    """The first so many candidates are the user's."""
    rows_AD: Tensor
    """Unit length."""
    translation_KA: Tensor
    """How an ImageNet name spreads over the candidates; rows sum to 1."""
    image_share_A: Tensor
    """Weight of ImageNet's posterior for each candidate."""
    gain_A: Tensor
    """Added to the logit of each candidate."""


def candidates(vocabulary: EmbeddedVocabulary, known: KnownNames) -> Candidates:
    """Add distractors to a vocabulary."""
    raw = torch.from_numpy(vocabulary.embeddings).float()
    label_CD = F.normalize(F.normalize(raw, dim=-1) - known.mean_D, dim=-1)
    far = (known.rows_AD @ label_CD.T).amax(1) < NEAR
    rows_AD = torch.cat((label_CD, known.rows_AD[far]))
    likeness_KA = known.rows_AD[: known.image_names] @ rows_AD.T
    untaught_A = (known.taught_SD @ rows_AD.T).amax(0) < TAUGHT
    untaught_A[len(label_CD) :] = False
    return Candidates(
        labels=len(label_CD),
        rows_AD=rows_AD,
        translation_KA=(TRANSLATION_SHARPNESS * likeness_KA).softmax(-1),
        image_share_A=torch.where(untaught_A, UNTAUGHT_IMAGE_SHARE, IMAGE_SHARE),
        gain_A=torch.where(untaught_A, UNTAUGHT_GAIN, 0.0),
    )


def pack(embedding_ND: Tensor, image_logits_NK: Tensor) -> Tensor:
    """(N, D + 2 T) float16: the embedding, the likeliest ImageNet names and their probabilities."""
    probability, name = image_logits_NK.softmax(-1).topk(KEPT_NAMES, dim=-1)
    unit_ND = F.normalize(embedding_ND, dim=-1)
    return torch.cat((unit_ND, name.float(), probability), dim=-1).half()


def word_probabilities(
    packed: Tensor, chosen: Candidates, sharpness: float, *, words: int = 1
) -> tuple[Tensor, Tensor]:
    """Return the best labels of each region (N, W) and their probabilities (N, W) among all candidates.

    W is `words`, or the number of labels where they are fewer.
    """
    most = min(words, chosen.labels)
    parts = [_best(part, chosen, sharpness, most) for part in torch.split(packed.float(), REGIONS_AT_ONCE)]
    if not parts:
        return torch.zeros(0, most, dtype=torch.int64), torch.zeros(0, most)
    return torch.cat([label for label, _ in parts]), torch.cat([probability for _, probability in parts])


def _best(packed: Tensor, chosen: Candidates, sharpness: float, most: int) -> tuple[Tensor, Tensor]:
    width = packed.shape[1] - 2 * KEPT_NAMES
    unit_ND, name_NT, share_NT = torch.split(packed, [width, KEPT_NAMES, KEPT_NAMES], dim=-1)
    learnt_NA = (sharpness * unit_ND @ chosen.rows_AD.T).log_softmax(-1)
    seen_NA = torch.zeros_like(learnt_NA)
    for t in range(KEPT_NAMES):
        seen_NA += share_NT[:, t, None] * chosen.translation_KA[name_NT[:, t].long()]
    mixed_NA = torch.lerp(learnt_NA, (seen_NA + FLOOR).log(), chosen.image_share_A) + chosen.gain_A
    probability, label = mixed_NA.softmax(-1)[:, : chosen.labels].topk(most, dim=-1)
    return label, probability
