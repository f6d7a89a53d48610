"""What a detector returns for one frame. Plain NumPy: no torch, no device."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Regions:
    """Class-agnostic regions of one frame, kept so that other words can be asked of them later.

    They are chosen by objectness alone, whatever the vocabulary, best first, and bounded in number.
    """

    boxes_xyxy_px: NDArray[np.float32]
    """(R, 4), absolute pixels of the frame: x_min, y_min, x_max, y_max."""
    objectness: NDArray[np.float32]
    """(R,), in 0..1, descending."""
    features: NDArray[np.float16]
    """(R, F), a look of each region: what the detector's `Rescorer` names."""

    def best(self, count: int) -> "Regions":
        """The first so many."""
        return Regions(
            boxes_xyxy_px=self.boxes_xyxy_px[:count].copy(),
            objectness=self.objectness[:count].copy(),
            features=self.features[:count].copy(),
        )


@dataclass(frozen=True, kw_only=True)
class Detections:
    """What was found in one frame, best first."""

    boxes_xyxy_px: NDArray[np.float32]
    """(N, 4), absolute pixels of the frame, inside it: x_min, y_min, x_max, y_max."""
    scores: NDArray[np.float32]
    """(N,), confidence in 0..1, descending."""
    label_ids: NDArray[np.int32]
    """(N,), index into the vocabulary's labels."""
    masks: NDArray[np.uint8] | None = None
    """(N, M, M), probability 0..255 over the box; pasted to pixels only where it is drawn. All 0: unknown."""
    regions: Regions | None = None
    label_scores: NDArray[np.float32] | None = None
    """(C,), the best score that any region of this frame has for each label, found or not.

    None where the detector does not say. What was asked and not found is told with how near it came.
    """

    def __post_init__(self) -> None:
        count = len(self.scores)
        assert self.boxes_xyxy_px.shape == (count, 4)
        assert self.label_ids.shape == (count,)
        assert self.masks is None or len(self.masks) == count

    def __len__(self) -> int:
        return len(self.scores)

    def where(self, kept: NDArray[np.bool_]) -> "Detections":
        """The detections for which (N,) says so, in the same order; regions and label scores stay."""
        if kept.all():
            return self
        return replace(
            self,
            boxes_xyxy_px=self.boxes_xyxy_px[kept],
            scores=self.scores[kept],
            label_ids=self.label_ids[kept],
            masks=None if self.masks is None else self.masks[kept],
        )

    @classmethod
    def none(cls) -> "Detections":
        """No detection at all."""
        return cls(
            boxes_xyxy_px=np.zeros((0, 4), np.float32),
            scores=np.zeros(0, np.float32),
            label_ids=np.zeros(0, np.int32),
        )
