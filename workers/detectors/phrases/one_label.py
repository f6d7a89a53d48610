"""A region shows one label, be it a word or a phrase.

A phrase takes the place of its own head's noun, of which it says more: where both "person" and "person riding
a bicycle" are asked, the rider is shown as the latter, and everybody else as a person. Of two phrases the one
that says more stays, and of two that say as much the surer. A phrase and any other word compete as words do:
the surer stays. What is below its threshold takes no place of what is not.

Legend: N boxes, W boxes of words, F boxes of phrases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions.linking import iou
from vocabularies.phrase import Phrase
from workers.detectors.detections import Detections

ONE_REGION_IOU = 0.8
"""Two boxes this much alike are of one region."""
ONE_OBJECT_IOU = 0.55
"""Two boxes of one phrase this much alike are of one object."""

PART_SHARE = 0.8
"""So much of a box in another of the same phrase: most often one object, seen in part or with too much."""
PART_FACTOR = np.float32(0.85)
"""What is left of the worse one's score, as pocket does with words (docs/decisions/0055)."""

Floats = NDArray[np.float32]


def one_object_each(boxes_N4: Floats, scores_N: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the rows that stay among boxes of one phrase, best first, and their scores."""
    rows = _firsts(boxes_N4, np.argsort(-scores_N, kind="stable"), ONE_OBJECT_IOU)
    boxes_N4, scores_N = boxes_N4[rows], scores_N[rows]
    low_NN2 = np.maximum(boxes_N4[:, None, :2], boxes_N4[None, :, :2])
    high_NN2 = np.minimum(boxes_N4[:, None, 2:], boxes_N4[None, :, 2:])
    area_N = (boxes_N4[:, 2:] - boxes_N4[:, :2]).prod(axis=1)
    inside_NN = (high_NN2 - low_NN2).clip(0).prod(axis=2) > PART_SHARE * area_N[:, None]
    part_N = ((inside_NN | inside_NN.T) & (scores_N[:, None] < scores_N[None])).any(axis=1)
    return rows, np.where(part_N, scores_N * PART_FACTOR, scores_N)


@dataclass(frozen=True, kw_only=True)
class Places:
    """Who gives way to whom."""

    phrases: Mapping[int, Phrase]
    """By label id."""
    noun_of_word: Mapping[int, str]
    """By label id, of the labels that are no phrases."""
    shown_from: Floats
    """(labels,), from which score on each label counts."""

    def shared(self, words: Detections, found: Detections) -> Detections:
        """Return the detections of words and those of phrases as one, best first."""
        found = self._one_phrase_each(found)
        if not len(found):
            return words
        alike_WF = iou(words.boxes_xyxy_px, found.boxes_xyxy_px) >= ONE_REGION_IOU
        own_WF = self._of_heads(words, found)
        counts_F = self._counts(found)
        surer_WF = words.scores[:, None] >= found.scores
        # a word yields to a phrase of its own that counts; a faint one yields to its word
        stronger_WF = alike_WF & np.where(own_WF, ~counts_F, surer_WF)
        stays_F = np.asarray(~stronger_WF.any(axis=0))
        stays_W = np.asarray(~(alike_WF & stays_F).any(axis=1))
        masks = _masks_of(words, alike_WF & own_WF)
        return _together(words, replace(found, masks=masks), stays_W, stays_F)

    def _one_phrase_each(self, found: Detections) -> Detections:
        says = [self.phrases[label].specificity for label in found.label_ids.tolist()]
        order = np.lexsort((-found.scores, -np.array(says, np.int64), ~self._counts(found)))
        kept = np.zeros(len(found), bool)
        kept[_firsts(found.boxes_xyxy_px, order, ONE_REGION_IOU)] = True
        return found.where(kept)

    def _counts(self, found: Detections) -> NDArray[np.bool_]:
        return np.asarray(found.scores >= self.shown_from[found.label_ids])

    def _of_heads(self, words: Detections, found: Detections) -> NDArray[np.bool_]:
        nouns = [self.noun_of_word.get(label) for label in words.label_ids.tolist()]
        heads = [self.phrases[label].head.noun for label in found.label_ids.tolist()]
        own = [[noun == head for head in heads] for noun in nouns]
        return np.array(own, bool).reshape(len(nouns), len(heads))


def _firsts(boxes_N4: Floats, order: NDArray[np.int64], alike_iou: float) -> NDArray[np.int64]:
    """Rows in that order, but those that are like one before them."""
    kept: list[int] = []
    for row in order.tolist():
        if not kept or iou(boxes_N4[row : row + 1], boxes_N4[kept]).max() <= alike_iou:
            kept.append(row)
    return np.array(kept, np.int64)


def _together(
    words: Detections, found: Detections, stays_W: NDArray[np.bool_], stays_F: NDArray[np.bool_]
) -> Detections:
    """Best first; what is known of the frame is that of the words."""
    words, found = words.where(stays_W), found.where(stays_F)
    scores_N = np.concatenate([words.scores, found.scores])
    order = np.argsort(-scores_N, kind="stable")
    has_masks = words.masks is not None and found.masks is not None
    return replace(
        words,
        boxes_xyxy_px=np.concatenate([words.boxes_xyxy_px, found.boxes_xyxy_px])[order],
        scores=scores_N[order],
        label_ids=np.concatenate([words.label_ids, found.label_ids])[order],
        masks=np.concatenate([words.masks, found.masks])[order] if has_masks else None,
    )


def _masks_of(words: Detections, same_WF: NDArray[np.bool_]) -> NDArray[np.uint8] | None:
    """The mask of the word whose place a phrase takes; a phrase that takes none has none: it is all 0."""
    if words.masks is None:
        return None
    masks = np.zeros((same_WF.shape[1], *words.masks.shape[1:]), np.uint8)
    taken_F = same_WF.any(axis=0)
    masks[taken_F] = words.masks[same_WF.argmax(axis=0)[taken_F]]
    return masks
