"""What several views of a frame show, as one: an object that more than one of them shows is one box.

A tile's border cuts objects. A box that ends at such a border counts half against others, and is dropped
where most of it lies in a box with the same label that is not cut: the whole frame, or the next tile, shows
the object itself.

Legend: N boxes, R regions, C labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workers.detectors.detections import Detections, Regions
from workers.detectors.tiles import Tile

SAME_OBJECT_IOU = 0.5
SAME_REGION_IOU = 0.7
PART_SHARE = 0.7
"""Of a cut box that lies in another: more of it, and it is a part of what the other shows."""
CUT_FACTOR = np.float32(0.5)
"""What a cut box's score counts, where boxes compete; what is told of it stays."""
BORDER_PX = 2.0
"""A box that comes as near to a border ends there."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class View:
    """A tile, or the whole frame, and what was found in it, in its own pixels."""

    tile: Tile
    found: Detections


def merged(views: Sequence[View], *, frame_hw_px: tuple[int, int], regions: int) -> Detections:
    """Return the detections of all views in the frame's pixels, best first, and at most so many regions."""
    boxes_N4 = np.concatenate([_moved(view.found.boxes_xyxy_px, view.tile) for view in views])
    cut_N = np.concatenate([_is_cut(view.found.boxes_xyxy_px, view.tile, frame_hw_px) for view in views])
    together = Detections(
        boxes_xyxy_px=boxes_N4,
        scores=np.concatenate([view.found.scores for view in views]),
        label_ids=np.concatenate([view.found.label_ids for view in views]),
        masks=_masks(views),
    )
    kept = _kept(boxes_N4, together.scores, cut_N, together.label_ids, SAME_OBJECT_IOU)
    order = kept[np.argsort(-together.scores[kept], kind="stable")]
    return replace(
        together,
        boxes_xyxy_px=boxes_N4[order],
        scores=together.scores[order],
        label_ids=together.label_ids[order],
        masks=None if together.masks is None else together.masks[order],
        regions=_regions(views, frame_hw_px, regions),
        label_scores=_label_scores(views),
    )


def _masks(views: Sequence[View]) -> NDArray[np.uint8] | None:
    """Each is of its own box, wherever that lies."""
    masks = [view.found.masks for view in views if view.found.masks is not None and len(view.found)]
    if sum(map(len, masks)) < sum(len(view.found) for view in views):
        return None
    return np.concatenate(masks) if masks else None


def _label_scores(views: Sequence[View]) -> Floats | None:
    said = [view.found.label_scores for view in views if view.found.label_scores is not None]
    return np.max(said, axis=0) if said else None


def _regions(views: Sequence[View], frame_hw_px: tuple[int, int], most: int) -> Regions | None:
    pairs = [(view.tile, view.found.regions) for view in views if view.found.regions is not None]
    if not pairs:
        return None
    boxes_R4 = np.concatenate([_moved(it.boxes_xyxy_px, tile) for tile, it in pairs])
    cut_R = np.concatenate([_is_cut(it.boxes_xyxy_px, tile, frame_hw_px) for tile, it in pairs])
    objectness_R = np.concatenate([it.objectness for _, it in pairs])
    alike_R = np.zeros(len(boxes_R4), np.int32)
    kept = _kept(boxes_R4, objectness_R, cut_R, alike_R, SAME_REGION_IOU)
    order = kept[np.argsort(-objectness_R[kept], kind="stable")][:most]
    features = [it.features for _, it in pairs if len(it.objectness)] or [pairs[0][1].features]
    return Regions(
        boxes_xyxy_px=boxes_R4[order],
        objectness=objectness_R[order],
        features=np.concatenate(features)[order],
    )


def _moved(boxes_N4: Floats, tile: Tile) -> Floats:
    return boxes_N4 + np.array([tile.x, tile.y] * 2, np.float32)


def _is_cut(boxes_N4: Floats, tile: Tile, frame_hw_px: tuple[int, int]) -> NDArray[np.bool_]:
    """(N,): whether a box ends at a border of the tile that is no border of the frame."""
    height, width = frame_hw_px
    far = np.array([tile.width, tile.height]) - BORDER_PX
    near_N4 = np.concatenate([boxes_N4[:, :2] <= BORDER_PX, boxes_N4[:, 2:] >= far], axis=1)
    inner_4 = [tile.x > 0, tile.y > 0, tile.x + tile.width < width, tile.y + tile.height < height]
    cut: NDArray[np.bool_] = (near_N4 & np.array(inner_4)).any(axis=1)
    return cut


def _kept(
    boxes_N4: Floats, scores_N: Floats, cut_N: NDArray[np.bool_], labels_N: NDArray[np.int32], iou: float
) -> NDArray[np.int64]:
    """Indices of the boxes that stay, those with one label compared among themselves."""
    rank_N = np.where(cut_N, scores_N * CUT_FACTOR, scores_N)
    kept: list[int] = []
    for label in np.unique(labels_N):
        (own,) = np.nonzero(labels_N == label)
        own = own[np.argsort(-rank_N[own], kind="stable")]
        kept += own[_stay(boxes_N4[own], cut_N[own], iou)].tolist()
    return np.array(kept, np.int64)


def _stay(boxes_N4: Floats, cut_N: NDArray[np.bool_], iou: float) -> NDArray[np.bool_]:
    """(N,), of boxes of one label, the strongest first."""
    area_N = (boxes_N4[:, 2:] - boxes_N4[:, :2]).prod(axis=1)
    stay_N = np.ones(len(boxes_N4), bool)
    for one, box in enumerate(boxes_N4):
        if not stay_N[one]:
            continue
        later = slice(one + 1, None)
        low, high = np.maximum(box[:2], boxes_N4[later, :2]), np.minimum(box[2:], boxes_N4[later, 2:])
        shared = (high - low).clip(0).prod(axis=1)
        same = shared > iou * (area_N[one] + area_N[later] - shared)
        part = cut_N[later] & (shared > PART_SHARE * area_N[later])
        stay_N[later] &= ~(same | (part & (not cut_N[one])))
    return stay_N
