"""From a part's index of regions to what a search needs of it: few looks of each thing, and where it was.

Legend: R regions, L looks, G numbers compared.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from api_client.contract import VideoSpec
from api_client.log.regions import RegionIndex, decoded
from api_client.log.regions.layout import Rows
from vocabularies.phrase import COLOURS
from workers.detectors import Rescorer

Floats = NDArray[np.float32]

FEWEST_FRAMES = 3
"""A thing seen in fewer frames that were looked at is a flicker, where a part has so many frames."""
MOST_LOOKS = 3
"""Kept of a thing."""
SAME_LOOK = 0.8
"""Cosine from which a look says what another says already."""
TRAIL = 8
"""Boxes kept of a thing's way, at equal distances in time, from its first to its last."""

LOOK = np.dtype(
    [
        ("part", "<i4"),
        ("thing", "<i4"),
        ("frame", "<i8"),
        ("frames", "<i4"),
        ("seconds", "<f8"),
        ("first_seconds", "<f8"),
        ("last_seconds", "<f8"),
        ("objectness", "<f4"),
        ("box", "<f4", 4),
        ("trail", "<f4", (TRAIL, 4)),
    ]
)
"""What is kept of a look beside its bytes: which thing's it is, when, where; `frames` in which that was seen.

Seconds of the whole video; boxes in pixels of the displayed frame.
"""


def looks_of_things(
    index: RegionIndex, rescorer: Rescorer, video: VideoSpec, part: int
) -> tuple[NDArray[np.void], Rows, Rows]:
    """Return (L,) of `LOOK`, (L, bytes), (L, colours): the surest looks of each thing that are not alike."""
    spans = _lasting(index)
    unit_LG = normalised(rescorer.compared(decoded(index.looks, index.header.layout)))
    kept = [(row, span) for span in spans for row in _chosen(index, span, unit_LG)]
    row_L = np.array([row for row, _ in kept], np.int64)
    first_L = np.array([start for _, (start, _) in kept], np.int64)
    end_L = np.array([end for _, (_, end) in kept], np.int64)
    seconds_R = _seconds(index, video)
    looks = np.zeros(len(kept), LOOK)
    looks["part"], looks["thing"], looks["frames"] = part, index.thing_R[row_L], end_L - first_L
    looks["frame"], looks["seconds"] = index.frame_R[row_L], seconds_R[row_L]
    looks["first_seconds"], looks["last_seconds"] = seconds_R[first_L], seconds_R[end_L - 1]
    looks["objectness"], looks["box"] = index.objectness_R[row_L], index.boxes_R4[row_L]
    looks["trail"] = _trails(index, seconds_R, list(zip(first_L.tolist(), end_L.tolist(), strict=True)))
    return looks, index.looks[index.look_of_R[row_L]], _colours(index, index.look_of_R[row_L])


def boxes_at(looks: NDArray[np.void], seconds_L: NDArray[np.float64]) -> Floats:
    """(L, 4) where each look's thing was at a time; before its first and after its last it stays there."""
    duration_L = looks["last_seconds"] - looks["first_seconds"]
    along_L = (seconds_L - looks["first_seconds"]) / np.maximum(duration_L, 1e-9) * (TRAIL - 1)
    along_L = along_L.clip(0, TRAIL - 1)
    before_L = np.minimum(along_L.astype(np.int64), TRAIL - 2)
    rows_L, share_L1 = np.arange(len(looks)), (along_L - before_L)[:, None]
    boxes_LT4 = looks["trail"]
    between = (1 - share_L1) * boxes_LT4[rows_L, before_L] + share_L1 * boxes_LT4[rows_L, before_L + 1]
    return np.asarray(between, np.float32)


def _colours(index: RegionIndex, look_L: NDArray[np.int64]) -> Rows:
    """(L, colours); all 0 where an earlier version looked."""
    if not index.header.colours:
        return np.zeros((len(look_L), len(COLOURS)), np.uint8)
    return index.colours[look_L]


def _lasting(index: RegionIndex) -> list[tuple[int, int]]:
    """(first row, row after the last) of things that were seen in more than a frame or two."""
    looked_at = len(np.unique(index.frame_R))
    fewest = 1 if index.header.of_pictures else min(FEWEST_FRAMES, 1 + looked_at // 10)
    bounds = np.append(np.flatnonzero(np.diff(index.thing_R, prepend=-1)), len(index.thing_R)).tolist()
    return [(start, end) for start, end in pairwise(bounds) if end - start >= fewest]


def _chosen(index: RegionIndex, span: tuple[int, int], unit_LG: Floats) -> list[int]:
    """Rows of the surest looks, in that order, that are not alike."""
    start, end = span
    (looked,) = np.nonzero(index.look_of_R[start:end] >= 0)
    surest = (looked + start)[np.argsort(-index.objectness_R[looked + start], kind="stable")]
    chosen: list[int] = []
    for row in surest.tolist():
        others = unit_LG[index.look_of_R[chosen]]
        if (others @ unit_LG[index.look_of_R[row]] < SAME_LOOK).all():
            chosen.append(row)
        if len(chosen) == MOST_LOOKS:
            break
    return chosen


def _seconds(index: RegionIndex, video: VideoSpec) -> NDArray[np.float64]:
    """(R,)."""
    pts, place_R = np.unique(index.pts_R, return_inverse=True)
    return np.array([video.time_seconds(moment) for moment in pts.tolist()], np.float64)[place_R.reshape(-1)]


def _trails(index: RegionIndex, seconds_R: NDArray[np.float64], spans: list[tuple[int, int]]) -> Floats:
    """(L, TRAIL, 4) the way of each look's thing."""
    trails = np.zeros((len(spans), TRAIL, 4), np.float32)
    for trail, (start, end) in zip(trails, spans, strict=True):
        times = np.linspace(seconds_R[start], seconds_R[end - 1], TRAIL)
        for side in range(4):
            trail[:, side] = np.interp(times, seconds_R[start:end], index.boxes_R4[start:end, side])
    return trails


def normalised(rows: Floats) -> Floats:
    """Rows of unit length; a row of zeros stays."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12), np.float32)
