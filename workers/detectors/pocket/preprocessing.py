"""Frames to what the network reads, and boxes back."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.detectors.errors import FrameError
from workers.detectors.protocol import Frame

LARGEST_STRIDE = 64
MIDDLE = 127.0
"""Taken off every value; what is round the picture is as grey."""
SPAN = 128.0
"""Then divided by."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How frames of one size are put into the network's input.

    Scaled, top left, the rest grey; then all of it turned by 180 degrees (`backbone` says why).
    """

    frame_wh: tuple[int, int]
    """Pixels of the frame."""
    scaled_wh: tuple[int, int]
    """Pixels of the scaled frame; the longer side is the input size."""
    input_wh: tuple[int, int]
    """Pixels of the input, multiples of 64."""

    @classmethod
    def of(cls, frame_wh: tuple[int, int], longer_side_px: int) -> "Fit":
        """Fit a frame of this size; a side never vanishes, however thin the frame."""
        scale = longer_side_px / max(frame_wh)
        scaled = (max(1, round(frame_wh[0] * scale)), max(1, round(frame_wh[1] * scale)))
        padded = (_up(scaled[0]), _up(scaled[1]))
        return cls(frame_wh=frame_wh, scaled_wh=scaled, input_wh=padded)

    @property
    def borders_xyxy(self) -> tuple[float, float, float, float]:
        """Where the picture lies in the turned input: in its lower right."""
        (width, height), (scaled_width, scaled_height) = self.input_wh, self.scaled_wh
        return width - scaled_width, height - scaled_height, width, height

    def to_frame(self, boxes_xyxy_px: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes (..., 4) in pixels of the turned input to boxes inside the frame, in its pixels."""
        whole, limit, frame = (
            np.array([*side, *side], np.float32) for side in (self.input_wh, self.scaled_wh, self.frame_wh)
        )
        upright = (whole - boxes_xyxy_px)[..., [2, 3, 0, 1]]
        return np.asarray((upright / limit).clip(0, 1) * frame, np.float32)


def stack(frames: Sequence[Frame], fit: Fit) -> NDArray[np.uint8]:
    """(B, H, W, 3), fitted and turned. Raises `FrameError` for anything but RGB uint8."""
    width, height = fit.input_wh
    batch: NDArray[np.uint8] = np.full((len(frames), height, width, 3), int(MIDDLE), np.uint8)
    for row, frame in zip(batch, frames, strict=True):
        row[: fit.scaled_wh[1], : fit.scaled_wh[0]] = _scaled(frame, fit)
    return np.ascontiguousarray(batch[:, ::-1, ::-1])


def frame_size(frames: Sequence[Frame]) -> tuple[int, int]:
    """Width and height all the frames share. Raises `FrameError` where one is no picture or differs."""
    for frame in frames:
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8 or frame.size == 0:
            raise FrameError(f"a frame must be (H, W, 3) uint8, not {frame.shape} {frame.dtype}")
    sizes = {frame.shape[:2] for frame in frames}
    if len(sizes) > 1:
        raise FrameError(f"the frames of one batch must have one size, not {sorted(sizes)}")
    height, width = sizes.pop()
    return width, height


def _scaled(frame: Frame, fit: Fit) -> NDArray[np.uint8]:
    shrinks = fit.scaled_wh[0] < fit.frame_wh[0]
    # area for shrinking: linear would read four of many pixels and flicker on fine texture
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(frame, fit.scaled_wh, interpolation=how), np.uint8)


def _up(side_px: int) -> int:
    return -(-side_px // LARGEST_STRIDE) * LARGEST_STRIDE
