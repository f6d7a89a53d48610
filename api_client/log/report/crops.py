"""The best look at each object, cut out of its frame as a small JPEG."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

CROP_SIDE_PX = 160
"""The longest side of a crop."""
MARGIN = 0.08
"""Of the box's sides, on each: an object is easier to know with a little around it."""
_QUALITY = "5"
"""FFmpeg's scale for JPEG, 2 best to 31: about 4 kB a crop."""


def cut_crops(rgb: NDArray[np.uint8], tracks: Iterable[Mapping[str, Any]]) -> dict[int, bytes]:
    """Return `tracker_id` → JPEG for tracks whose best look is in this frame.

    rgb: (H, W, 3) display pixels. tracks: rows of `tracks.parquet`, whose boxes are of this frame.
    No side of a crop is longer than `CROP_SIDE_PX`. Boxes may reach out of the frame.
    """
    return {int(track["tracker_id"]): cut_crop(rgb, _box(track)) for track in tracks}


def cut_crop(
    rgb: NDArray[np.uint8],
    box_xyxy_px: tuple[float, float, float, float],
    *,
    side_px: int = CROP_SIDE_PX,
    margin: float = MARGIN,
) -> bytes:
    """Return a JPEG of what is in a box, no side longer than `side_px`. The box may reach out of the frame.

    margin: of the box's sides, that is added on each.
    """
    left, top, right, bottom = box_xyxy_px
    columns = _span(left, right, rgb.shape[1], margin)
    rows = _span(top, bottom, rgb.shape[0], margin)
    return _jpeg(_scaled(np.ascontiguousarray(rgb[rows, columns]), side_px))


def _box(track: Mapping[str, Any]) -> tuple[float, float, float, float]:
    return track["x_min"], track["y_min"], track["x_max"], track["y_max"]


def _span(low: float, high: float, size_px: int, share: float) -> slice:
    """Return the pixels of a side with its margin, at least one, inside the frame."""
    margin = (high - low) * share
    first = min(max(int(low - margin), 0), size_px - 1)
    return slice(first, max(min(int(high + margin + 1), size_px), first + 1))


def _scaled(rgb: NDArray[np.uint8], side_px: int) -> VideoFrame:
    height, width = rgb.shape[:2]
    scale = min(1.0, side_px / max(height, width))
    return VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        format="yuvj444p",
        dst_colorspace="ITU601",  # what JPEG means
    )


def _jpeg(frame: VideoFrame) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj444p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": _QUALITY, "qmax": _QUALITY}
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
