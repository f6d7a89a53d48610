"""From frames to what the network reads: resize, normalise, pad.

Shapes: B images, H and W pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from workers.detectors.detic.config import PADDING_MULTIPLE_PX, STRIDES, InputConfig
from workers.detectors.errors import FrameError
from workers.detectors.protocol import Frame

HALF_UP = 0.5001
"""Makes floor round halves up as Pillow does; a little more than a half, for halves that float32 missed."""


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """A batch as the network reads it."""

    images_B3HW: Tensor
    """float32, normalised RGB, padded with zeros on the right and at the bottom."""
    frame_hw_px: tuple[int, int]
    """Height and width of the frames."""
    resized_hw_px: tuple[int, int]
    """Height and width after the resize, before the padding."""


def resized_size(frame_hw_px: tuple[int, int], config: InputConfig) -> tuple[int, int]:
    """Return height and width after the resize, or raise `FrameError` for a frame too small to see in."""
    height, width = frame_hw_px
    if min(height, width) >= 1:
        scale = config.shortest_side_px / min(height, width)
        scale = min(scale, config.longest_side_px / max(height, width))
        resized = int(height * scale + 0.5), int(width * scale + 0.5)
        if min(*frame_hw_px, *resized) >= STRIDES[0]:
            return resized
    raise FrameError(
        f"a frame of {width}x{height} pixels is less than one stride of the network ({STRIDES[0]} pixels) "
        "high or wide, or becomes so by the resize: give it larger frames"
    )


def prepare(frames: Sequence[Frame], config: InputConfig, device: torch.device) -> Pictures:
    """Resize, normalise and pad equal-size frames; raises `FrameError` where they differ or are too small."""
    frame_hw_px = common_size(frames)
    resized_hw_px = resized_size(frame_hw_px, config)
    if device.type == "cpu":
        pixels_BHW3 = torch.stack([resize_as_trained(frame, resized_hw_px) for frame in frames])
    else:
        batch = torch.from_numpy(np.stack(frames)).to(device, non_blocking=True)
        pixels_BHW3 = resize_on_device(batch, resized_hw_px)
    return Pictures(
        images_B3HW=pad(normalise(pixels_BHW3, config)), frame_hw_px=frame_hw_px, resized_hw_px=resized_hw_px
    )


def common_size(frames: Sequence[Frame]) -> tuple[int, int]:
    """Return the frames' height and width; raise `FrameError` where they are no RGB pictures of one size."""
    first = frames[0]
    if first.ndim != 3 or first.shape[2] != 3 or first.dtype != np.uint8:
        raise FrameError(f"a frame must be (height, width, 3) uint8, this is {first.shape} {first.dtype}")
    sizes = sorted({frame.shape for frame in frames})
    if len(sizes) > 1:
        raise FrameError(f"the frames of a batch must be of one size, these are of {sizes}")
    return first.shape[0], first.shape[1]


def resize_as_trained(frame: Frame, height_width: tuple[int, int]) -> Tensor:
    """Return (H, W, 3) uint8 by Pillow's antialiased bilinear filter, the official pixels."""
    height, width = height_width
    resized = Image.fromarray(frame).resize((width, height), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(resized))


def resize_on_device(frames_BHW3: Tensor, height_width: tuple[int, int]) -> Tensor:
    """Return (B, H, W, 3) uint8: the same filter, along x then y, rounded after each as Pillow does.

    Frames travel to the device as bytes. A pixel can differ from Pillow's by 1 where a value lies half-way.
    """
    height, width = height_width
    pixels_B3HW = frames_BHW3.permute(0, 3, 1, 2).float()
    for size in ((pixels_B3HW.shape[2], width), (height, width)):
        pixels_B3HW = F.interpolate(pixels_B3HW, size, mode="bilinear", antialias=True)
        pixels_B3HW = (pixels_B3HW + HALF_UP).floor_().clamp_(0, 255)
    return pixels_B3HW.permute(0, 2, 3, 1).to(torch.uint8)


def normalise(pixels_BHW3: Tensor, config: InputConfig) -> Tensor:
    """Return (B, 3, H, W) float32 of zero mean and unit deviation over the training pictures."""
    mean, std = (_constant(values, pixels_BHW3.device) for values in (config.mean_rgb, config.std_rgb))
    return (pixels_BHW3.permute(0, 3, 1, 2).float() - mean) / std


def _constant(values: tuple[float, float, float], device: torch.device) -> Tensor:
    return torch.tensor(values, device=device)[:, None, None]


def pad(images_B3HW: Tensor) -> Tensor:
    """Pad with zeros on the right and at the bottom, to multiples of the coarsest stride."""
    height, width = images_B3HW.shape[-2:]
    return F.pad(images_B3HW, (0, -width % PADDING_MULTIPLE_PX, 0, -height % PADDING_MULTIPLE_PX))
