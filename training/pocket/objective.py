"""From a batch to the loss: points are assigned to boxes, regions to words, proposals to what they should be.

Legend: B images, P points, G annotated boxes, R regions of an image, N regions of the batch, C names,
K ImageNet names.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from training.pocket.assignment import assign
from training.pocket.batch import Batch
from training.pocket.distillation import categories_of, location_terms, word_term
from training.pocket.knowledge import ImageNet, large_enough
from training.pocket.losses import divergence, giou, quality_focal, second_look
from training.pocket.proposals import annotated, proposed
from training.pocket.selection import rows
from training.pocket.student import Student
from training.pocket.teacher import Lesson
from training.pocket.words import Words
from workers.detectors.pocket.localisation import centres_xy
from workers.detectors.pocket.network import PocketNetwork

GIOU_WEIGHT = 2.0
EMBEDDED_KL_WEIGHT = 0.3
CLASSIFIER_KL_WEIGHT = 0.5
TEMPERATURE = 2.0


def objective(
    student: Student, batch: Batch, imagenet: ImageNet, lesson: Lesson | None, words: Words,
    weight_of_category: Tensor, generator: torch.Generator,
) -> dict[str, Tensor]:  # fmt: skip
    """Return the terms of the loss, already weighted; without a lesson, those of the annotation alone."""
    network = student.network
    with torch.autocast("cpu", torch.bfloat16):
        logits_BP, boxes_BP4, image_map, levels = network(batch.images_BCHW)
    terms = _localisation_terms(network, logits_BP, boxes_BP4, levels, batch)
    some, ours = annotated(batch, generator), proposed(logits_BP, boxes_BP4, batch, generator)
    regions_BR4 = torch.cat((some.boxes_BR4, ours.boxes_BR4), dim=1)
    with torch.autocast("cpu", torch.bfloat16):
        seen = network.describe(image_map, levels, regions_BR4 / batch.sides_4)
    first = some.boxes_BR4.shape[1]
    terms |= second_look(
        seen.quality_logits_BR[:, first:], seen.shifts_BR4[:, first:],
        ours.boxes_BR4, ours.truth_BR4, ours.overlap_BR, ours.judged_BR,
    )  # fmt: skip
    category_N = torch.cat((some.category_BR, ours.category_BR), dim=1).flatten()
    embedding_ND = F.normalize(seen.embedding_BRD.flatten(0, 1), dim=-1)
    logits_NC = student.log_scale.exp() * embedding_ND @ words.candidates(generator).T
    terms["word"] = _word_term(logits_NC, category_N, words, weight_of_category)
    names = seen.image_logits_BRK.shape[-1]
    asked_BR = torch.cat((some.described_BR, torch.ones_like(ours.judged_BR)), dim=1)
    asked_N = (asked_BR & large_enough(regions_BR4)).flatten()
    known_NK = imagenet(batch.images_BCHW, regions_BR4 / batch.sides_4).flatten(0, 1)[asked_N]
    image_logits_NK = seen.image_logits_BRK.flatten(0, 1)
    terms |= _image_terms(logits_NC[asked_N, :names], image_logits_NK[asked_N], known_NK)
    if lesson is not None:
        terms |= location_terms(logits_BP, boxes_BP4, lesson)
        with torch.autocast("cpu", torch.bfloat16):
            terms["taught_sight"] = student.imitation(levels, lesson)
        said_NK = categories_of(regions_BR4, lesson).flatten(0, 1)[category_N >= 0]
        terms["taught_word"] = word_term(logits_NC[category_N >= 0, names:], said_NK)
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
    matched_N4 = rows(batch.truth_BG4, index_BP.clamp(min=0))[positive_BP]
    weight_N = quality_BP[positive_BP].clamp(min=0.2)
    box = (giou(boxes_BP4[positive_BP], matched_N4) * weight_N).sum() / weight_N.sum().clamp(min=1.0)
    return {"objectness": quality_focal(logits_BP, quality_BP, counted_BP), "box": GIOU_WEIGHT * box}


def _inside_ignored(centres_P2: Tensor, batch: Batch) -> Tensor:
    low, high = batch.truth_BG4[:, :, None, :2], batch.truth_BG4[:, :, None, 2:]
    inside_BGP = ((centres_P2 > low) & (centres_P2 < high)).all(-1)
    return (inside_BGP & batch.unsaid_BG[..., None]).any(1)


def _word_term(logits_NC: Tensor, category_N: Tensor, words: Words, weight_of_category: Tensor) -> Tensor:
    """Cross-entropy over all names of the regions whose category is known."""
    real_N = category_N >= 0
    category = category_N[real_N]
    first = logits_NC.shape[1] - len(weight_of_category)
    allowed = logits_NC[real_N].masked_fill(words.forbidden[category], -1e4)
    each = F.cross_entropy(allowed, category + first, reduction="none")
    weight_N = weight_of_category[category]
    return (each * weight_N).sum() / weight_N.sum().clamp(min=1e-6)


def _image_terms(embedded_NK: Tensor, classified_NK: Tensor, known_NK: Tensor) -> dict[str, Tensor]:
    """Both voices of a region against ImageNet's classifier."""
    count = max(1, len(known_NK))
    embedded = divergence(embedded_NK, known_NK, TEMPERATURE).sum() / count
    classified = divergence(classified_NK, known_NK, TEMPERATURE).sum() / count
    return {"embedded": EMBEDDED_KL_WEIGHT * embedded, "classifier": CLASSIFIER_KL_WEIGHT * classified}
