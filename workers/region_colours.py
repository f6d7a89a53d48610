"""Which colours regions have, while there are pixels: what is asked later has none."""

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions import IndexHeader, LookMoments, share_rows
from api_client.log.regions.linking import iou
from workers.detectors import Frame, Regions
from workers.detectors.phrases import colours

SEEN_IOU = 0.7
"""With a region of the last moment, from which its colours will do."""

Floats = NDArray[np.float32]


class RegionColours:
    """Asked of the frames of a part in order.

    Pixels are looked at where the index keeps looks of all things, and between of what is new since then.
    """

    def __init__(self, header: IndexHeader) -> None:
        self._header = header
        self._moments = LookMoments(header)
        self._seen_N4: Floats = np.zeros((0, 4), np.float32)

    def of(self, frame: Frame, pts: int, regions: Regions) -> NDArray[np.uint8]:
        """(R, K); all 0 of what is not worth a look, or was seen before."""
        boxes, objectness = regions.boxes_xyxy_px, regions.objectness
        rows = np.zeros((len(boxes), len(self._header.colours)), np.uint8)
        sure = (objectness >= self._header.sure_objectness) & np.isfinite(boxes).all(axis=1)
        if (objectness >= self._header.least_objectness).any() and self._moments.begins(pts):
            self._seen_N4 = boxes[sure]
        else:
            sure[sure] = iou(boxes[sure], self._seen_N4).max(axis=1, initial=0) < SEEN_IOU
        rows[sure] = share_rows(colours.shares(frame, boxes[sure]))
        return rows
