"""The regions of a frame: proposed, looked at again, one kept for each object, named.

Legend: R regions of a frame, F numbers kept of a region.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.appearance import Appearance
from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.packed_looks import pack
from workers.detectors.pocket.preprocessing import Fit, stack
from workers.detectors.pocket.sight import Network, Sight
from workers.detectors.pocket.suppression import best_regions
from workers.detectors.protocol import Frame

QUALITY_SHARE = 0.75
"""Weight of the second look in the geometric mix that a region's objectness is."""
LARGEST_STRETCH = 1.0
"""A side grows or shrinks by a factor of e at most."""
FEWEST_NAMED = 8
"""So many are named whatever their objectness: to say how near words came where nothing is found."""


@dataclass(frozen=True, kw_only=True)
class FrameRegions:
    """What there is in a frame, whatever it is, best first."""

    objectness_R: Floats
    """0..1."""
    boxes_R4: Floats
    """Pixels of the frame."""
    looks_RF: NDArray[np.float16]
    """All that scoring needs, and the appearance where it was asked for."""


def frame_regions(
    network: Network,
    frames: Sequence[Frame],
    fit: Fit,
    *,
    least: float,
    least_named: float,
    appearance: Appearance | None = None,
) -> list[FrameRegions]:
    """Look at frames of one size.

    least: the first look's objectness from which a second is worth it. least_named: the objectness from which
    a region is worth naming; others are left out. appearance: added to the looks.
    """
    borders = fit.borders_xyxy
    sights = network.look(stack(frames, fit), borders_xyxy=borders, least=least)
    return [_regions(sight, fit, borders, least_named, appearance) for sight in sights]


def _regions(
    sight: Sight, fit: Fit, borders_xyxy: Sequence[float], least_named: float, appearance: Appearance | None
) -> FrameRegions:
    quality_R, shifts_R4 = sight.judge()
    objectness_R = sight.objectness_R ** (1 - QUALITY_SHARE) * _sigmoid(quality_R) ** QUALITY_SHARE
    chosen = best_regions(objectness_R, sight.boxes_R4)
    chosen = chosen[: max(FEWEST_NAMED, int((objectness_R[chosen] >= least_named).sum()))]
    boxes_R4 = shifted(sight.boxes_R4[chosen], shifts_R4[chosen])
    low, high = np.array(borders_xyxy, np.float32).reshape(2, 2)
    return FrameRegions(
        objectness_R=objectness_R[chosen],
        boxes_R4=fit.to_frame(boxes_R4.clip(np.tile(low, 2), np.tile(high, 2))),
        looks_RF=_looks(*sight.name(chosen), appearance),
    )


def _looks(
    embedding_RD: Floats, image_logits_RK: Floats, appearance: Appearance | None
) -> NDArray[np.float16]:
    packed_RF = pack(embedding_RD, image_logits_RK)
    if appearance is None:
        return packed_RF
    return np.concatenate((packed_RF, appearance.of(image_logits_RK).astype(np.float16)), axis=1)


def shifted(boxes_R4: Floats, shifts_R4: Floats) -> Floats:
    """Move boxes: the centre by parts of the sides, the sides by logarithms (R-CNN, Girshick et al. 2014)."""
    sides = boxes_R4[:, 2:] - boxes_R4[:, :2]
    centre = (boxes_R4[:, :2] + boxes_R4[:, 2:]) / 2 + shifts_R4[:, :2] * sides
    half = sides * np.exp(shifts_R4[:, 2:].clip(-LARGEST_STRETCH, LARGEST_STRETCH)) / 2
    return np.concatenate((centre - half, centre + half), axis=1)


def _sigmoid(logits_R: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits_R)), np.float32)
