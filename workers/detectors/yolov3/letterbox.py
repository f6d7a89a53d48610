"""A frame in the middle of a grey square, as Darknet looks at it.

Legend: B pictures, N boxes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from workers.detectors.protocol import Frame

GREY = 0.5


@dataclass(frozen=True, kw_only=True)
class Letterbox:
    """Where frames of one size lie in the square."""

    frame_hw_px: tuple[int, int]
    inner_hw_px: tuple[int, int]
    """Of the frame in the square."""
    side_px: int

    @classmethod
    def of(cls, frame_hw_px: tuple[int, int], side_px: int) -> Self:
        """The longer side fills the square."""
        longer = max(frame_hw_px)
        height, width = (max(1, side * side_px // longer) for side in frame_hw_px)
        return cls(frame_hw_px=frame_hw_px, inner_hw_px=(height, width), side_px=side_px)

    @property
    def corner_yx_px(self) -> tuple[int, int]:
        """Of the frame in the square."""
        height, width = self.inner_hw_px
        return (self.side_px - height) // 2, (self.side_px - width) // 2

    def put(self, frames: Sequence[Frame], device: torch.device) -> Tensor:
        """Return (B, 3, side, side) float32 in 0..1."""
        pixels_B3HW = torch.from_numpy(np.stack(frames)).to(device).permute(0, 3, 1, 2).float() / 255
        inner_B3HW = F.interpolate(pixels_B3HW, self.inner_hw_px, mode="bilinear", align_corners=True)
        square_B3HW = torch.full((len(frames), 3, self.side_px, self.side_px), GREY, device=device)
        (top, left), (height, width) = self.corner_yx_px, self.inner_hw_px
        square_B3HW[:, :, top : top + height, left : left + width] = inner_B3HW
        return square_B3HW

    def to_frame(self, boxes_N4: Tensor) -> Tensor:
        """From corners in the square to corners in the frame, cut at its border."""
        (top, left), (height, width) = self.corner_yx_px, self.frame_hw_px
        factors = width / self.inner_hw_px[1], height / self.inner_hw_px[0]
        moved_N4 = (boxes_N4 - boxes_N4.new_tensor([left, top] * 2)) * boxes_N4.new_tensor(factors * 2)
        return moved_N4.clamp(min=0).minimum(boxes_N4.new_tensor([width, height] * 2))
