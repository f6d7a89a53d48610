"""From the network's pixels back to the frame's.

Shapes: N boxes.
"""

import torch
from torch import Tensor


def to_frame(
    boxes_N4: Tensor, resized_hw_px: tuple[int, int], frame_hw_px: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Return boxes in the frame's pixels, clipped to it, and which of them have an area.

    The factors along x and y differ a little, by the rounding of the resize.
    """
    factor = [frame / resized for frame, resized in zip(frame_hw_px, resized_hw_px, strict=True)]
    height, width = frame_hw_px
    boxes_N4 = boxes_N4 * boxes_N4.new_tensor([factor[1], factor[0]] * 2)
    limit_4 = boxes_N4.new_tensor([width, height] * 2)
    boxes_N4 = torch.minimum(boxes_N4.clamp(min=0), limit_4)
    has_area_N = (boxes_N4[:, 2:] > boxes_N4[:, :2]).all(dim=1)
    return boxes_N4, has_area_N
