"""From a batch to the loss: points are assigned to boxes, regions to words.

Legend: B images, P points, G annotated boxes, R regions of an image, N regions of the batch, C names,
K ImageNet names.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.pocket.assignment import assign
from training.pocket.distillation import categories_of, location_terms, word_term
from training.pocket.losses import divergence, giou, quality_focal
from training.pocket.photographs import IGNORED, WHOLE
from training.pocket.student import Student
from training.pocket.teacher import Lesson
from training.pocket.words import Words
from workers.detectors.pocket.localisation import centres_xy
from workers.detectors.pocket.network import PocketNetwork

REGIONS = 14
GIOU_WEIGHT = 2.0
EMBEDDED_KL_WEIGHT = 0.3
CLASSIFIER_KL_WEIGHT = 0.5
TEMPERATURE = 2.0


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Augmented pictures and their annotation."""

    images_BCHW: Tensor
    """Normalised, channels last."""
    truth_BG4: Tensor
    """Pixels."""
    category_BG: Tensor
    """0..79, `IGNORED`, `WHOLE`, or `NOTHING` for a row that stands for no box."""
    teacher_BGK: Tensor
    """ImageNet log-probabilities, float16; a row of zeros where none was taken."""


def objective(
    student: Student, batch: Batch, lesson: Lesson | None, words: Words, weight_of_category: Tensor,
    generator: torch.Generator,
) -> dict[str, Tensor]:  # fmt: skip
    """Return the terms of the loss, already weighted; without a lesson, those of the annotation alone."""
    network = student.network
    with torch.autocast("cpu", torch.bfloat16):
        logits_BP, boxes_BP4, image_map, levels = network(batch.images_BCHW)
    terms = _localisation_terms(network, logits_BP, boxes_BP4, levels, batch)
    regions_BR4, category_N, teacher_NK = _regions(batch, generator)
    size = torch.tensor([batch.images_BCHW.shape[3], batch.images_BCHW.shape[2]] * 2)
    with torch.autocast("cpu", torch.bfloat16):
        embedding_BRD, image_logits_BRK = network.describe(image_map, levels, regions_BR4 / size)
    embedding_ND = F.normalize(embedding_BRD.flatten(0, 1), dim=-1)
    logits_NC = student.log_scale.exp() * embedding_ND @ words.candidates(generator).T
    image_logits_NK = image_logits_BRK.flatten(0, 1)
    terms |= _word_terms(logits_NC, image_logits_NK, category_N, teacher_NK, words, weight_of_category)
    if lesson is not None:
        terms |= location_terms(logits_BP, boxes_BP4, lesson)
        with torch.autocast("cpu", torch.bfloat16):
            terms["taught_sight"] = student.imitation(levels, lesson)
        said_NK = categories_of(regions_BR4, lesson).flatten(0, 1)[category_N >= 0]
        terms["taught_word"] = word_term(logits_NC[category_N >= 0, image_logits_NK.shape[1] :], said_NK)
    return terms


def _localisation_terms(
    network: PocketNetwork, logits_BP: Tensor, boxes_BP4: Tensor, levels: list[Tensor], batch: Batch
) -> dict[str, Tensor]:
    centres, strides = [], []
    for level, stride in zip(levels, network.localisation.strides, strict=True):
        centres.append(centres_xy(level.shape[2:], stride, level.device))
        strides.append(torch.full((len(centres[-1]),), float(stride)))
    centres_P2 = torch.cat(centres)
    index_BP, quality_BP = assign(
        logits_BP, boxes_BP4.detach(), centres_P2, torch.cat(strides), batch.truth_BG4, batch.category_BG >= 0
    )
    positive_BP = index_BP >= 0
    counted_BP = positive_BP | ~_inside_ignored(centres_P2, batch)
    matched_N4 = batch.truth_BG4.gather(1, index_BP.clamp(min=0)[..., None].expand(-1, -1, 4))[positive_BP]
    weight_N = quality_BP[positive_BP].clamp(min=0.2)
    box = (giou(boxes_BP4[positive_BP], matched_N4) * weight_N).sum() / weight_N.sum().clamp(min=1.0)
    return {"objectness": quality_focal(logits_BP, quality_BP, counted_BP), "box": GIOU_WEIGHT * box}


def _inside_ignored(centres_P2: Tensor, batch: Batch) -> Tensor:
    low, high = batch.truth_BG4[:, :, None, :2], batch.truth_BG4[:, :, None, 2:]
    inside_BGP = ((centres_P2 > low) & (centres_P2 < high)).all(-1)
    unsaid_BG = (batch.category_BG == IGNORED) | (batch.category_BG == WHOLE)
    return (inside_BGP & unsaid_BG[..., None]).any(1)


def _regions(batch: Batch, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Some annotated boxes of each picture, shaken a little as predictions are."""
    described_BG = (batch.category_BG >= 0) | (batch.category_BG == WHOLE)
    order = torch.rand(batch.category_BG.shape, generator=generator) + 10.0 * described_BG
    chosen_BR = order.topk(REGIONS, dim=1).indices
    boxes_BR4 = batch.truth_BG4.gather(1, chosen_BR[..., None].expand(-1, -1, 4))
    sides = (boxes_BR4[..., 2:] - boxes_BR4[..., :2]).repeat(1, 1, 2)
    boxes_BR4 = boxes_BR4 + 0.06 * sides * torch.randn(boxes_BR4.shape, generator=generator).clamp(-2, 2)
    teacher = batch.teacher_BGK.gather(1, chosen_BR[..., None].expand(-1, -1, batch.teacher_BGK.shape[-1]))
    return boxes_BR4, batch.category_BG.gather(1, chosen_BR).flatten(), teacher.flatten(0, 1).float()


def _word_terms(
    logits_NC: Tensor,
    image_logits_NK: Tensor,
    category_N: Tensor,
    teacher_NK: Tensor,
    words: Words,
    weight: Tensor,
) -> dict[str, Tensor]:
    names = image_logits_NK.shape[1]
    real_N = category_N >= 0
    category = category_N[real_N]
    allowed = logits_NC[real_N].masked_fill(words.forbidden[category], -1e4)
    each = F.cross_entropy(allowed, category + names, reduction="none", label_smoothing=0.0)
    weight_N = weight[category]
    known_N = (teacher_NK[:, 0] != 0) & (real_N | (category_N == WHOLE))
    count = known_N.sum().clamp(min=1)
    embedded = divergence(logits_NC[known_N, :names], teacher_NK[known_N], TEMPERATURE).sum() / count
    classified = divergence(image_logits_NK[known_N], teacher_NK[known_N], TEMPERATURE).sum() / count
    return {
        "word": (each * weight_N).sum() / weight_N.sum().clamp(min=1e-6),
        "embedded": EMBEDDED_KL_WEIGHT * embedded,
        "classifier": CLASSIFIER_KL_WEIGHT * classified,
    }
