"""What a detector returns is checked once, where it returns it, before anything is written or drawn.

A box that is no number makes a log that is no JSON, and a label that does not exist ends the worker much
later. Both are errors of the detector, told with the frame and the value.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.detectors import Detections
from workers.detectors.errors import DetectorError

OUTSIDE_PX = 1.0
"""A box may reach so far out of its frame by rounding; it is cut at the border."""


def checked(
    found: Sequence[Detections], frame_indices: Sequence[int], *, size_px: tuple[int, int], labels: int
) -> list[Detections]:
    """Return one `Detections` a frame with boxes cut at the borders.

    frame_indices: of the frames looked at, in the whole video. size_px: (width, height) of these frames.
    Raises `DetectorError` for boxes or scores that are no numbers or out of range, boxes outside their frame
    or without an inside, labels that were not asked for, or another number of results than frames.
    """
    if len(found) != len(frame_indices):
        raise DetectorError(f"the detector returned {len(found)} results for {len(frame_indices)} frames")
    return [_checked(one, frame, size_px, labels) for one, frame in zip(found, frame_indices, strict=True)]


def _checked(found: Detections, frame: int, size_px: tuple[int, int], labels: int) -> Detections:
    boxes, scores, label_ids = found.boxes_xyxy_px, found.scores, found.label_ids
    limits = np.array([*size_px, *size_px], np.float32)
    within = np.isfinite(boxes) & (boxes >= -OUTSIDE_PX) & (boxes <= limits + OUTSIDE_PX)
    right = np.concatenate([within, boxes[:, 2:] >= boxes[:, :2]], axis=1)
    _refuse("a box", boxes, np.all(right, axis=1, keepdims=True)[:, 0], frame)
    _refuse("a score", scores, np.isfinite(scores) & (scores >= 0) & (scores <= 1), frame)
    _refuse("a label", label_ids, (label_ids >= 0) & (label_ids < labels), frame)
    if not len(found) or bool(((boxes >= 0) & (boxes <= limits)).all()):
        return found
    return Detections(
        boxes_xyxy_px=np.clip(boxes, 0, limits),
        scores=scores,
        label_ids=label_ids,
        masks=found.masks,
        regions=found.regions,
        label_scores=found.label_scores,
    )


def _refuse(what: str, values: NDArray[np.generic], right: NDArray[np.bool_], frame: int) -> None:
    if not right.all():
        value = values[~right][0].tolist()
        raise DetectorError(f"the detector returned {what} that cannot be for frame {frame}: {value}")
