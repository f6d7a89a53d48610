"""From frames to what a model reads, on the device, by the model's own picture processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from workers.detectors.detic.preprocessing import common_size
from workers.detectors.protocol import Frame


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """A batch as a model reads it."""

    inputs: dict[str, Tensor]
    """`pixel_values` (B, 3, h, w), and `pixel_mask` where the processor makes one."""
    frame_hw_px: tuple[int, int]

    def __len__(self) -> int:
        return len(self.inputs["pixel_values"])

    @property
    def size_px(self) -> Tensor:
        """(4,): what a box in parts of the frame is multiplied by."""
        height, width = self.frame_hw_px
        return torch.tensor([width, height] * 2, device=self.inputs["pixel_values"].device)


def prepare(image_processor: Any, frames: Sequence[Frame], device: torch.device) -> Pictures:
    """Raises `FrameError` for frames that differ in size, or are no RGB pictures."""
    frame_hw_px = common_size(frames)
    pixels_B3HW = torch.from_numpy(np.stack(frames)).to(device).permute(0, 3, 1, 2)
    found = image_processor(images=list(pixels_B3HW), return_tensors="pt", device=device)
    inputs = {name: found[name].to(device) for name in ("pixel_values", "pixel_mask") if name in found}
    return Pictures(inputs=inputs, frame_hw_px=frame_hw_px)
