"""What a model found in one frame, as `Detections`.

Legend: N boxes, C words.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from workers.detectors.detections import Detections, Regions


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """Boxes of one frame, each with one label, in any order."""

    boxes_N4: Tensor
    """Absolute pixels: x_min, y_min, x_max, y_max; may reach out of the frame."""
    scores_N: Tensor
    labels_N: Tensor

    @classmethod
    def together(cls, parts: "list[Boxes]") -> "Boxes":
        """All boxes of several words."""
        return cls(
            boxes_N4=torch.cat([part.boxes_N4 for part in parts]),
            scores_N=torch.cat([part.scores_N for part in parts]),
            labels_N=torch.cat([part.labels_N for part in parts]),
        )


def corners(boxes_N4: Tensor) -> Tensor:
    """From centre and size to corners."""
    centre, half = boxes_N4[..., :2], boxes_N4[..., 2:] / 2
    return torch.cat([centre - half, centre + half], dim=-1)


def to_detections(
    boxes: Boxes, frame_hw_px: tuple[int, int], *, label_scores_C: Tensor, regions: Regions | None = None
) -> Detections:
    """Cut boxes at the frame, leave away those that lie outside of it, and order them, best first."""
    height, width = frame_hw_px
    cut_N4 = _numpy(boxes.boxes_N4).clip(0, np.array([width, height] * 2, np.float32))
    scores_N, labels_N = _numpy(boxes.scores_N), boxes.labels_N.cpu().numpy()
    inside = np.flatnonzero((cut_N4[:, 2:] > cut_N4[:, :2]).all(axis=1))
    order = inside[np.argsort(-scores_N[inside], kind="stable")]
    return Detections(
        boxes_xyxy_px=cut_N4[order],
        scores=scores_N[order],
        label_ids=labels_N[order].astype(np.int32),
        regions=regions,
        label_scores=_numpy(label_scores_C),
    )


def _numpy(tensor: Tensor) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return tensor.float().cpu().numpy()
