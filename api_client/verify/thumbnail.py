"""Small grey pictures of large frames, fit for comparing what two frames show."""

from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from api_client.verify import orientation

Luma = NDArray[np.float32]
"""(H, W), 0..255."""

_LONGEST_SIDE_PX = 160
_LUMA_WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)
_FULL_RANGE = 2


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a frame of the source lies in the thumbnail of the annotated frame."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int
    is_scaled: bool
    """Whether it was made larger or smaller to fit, and lies in the middle."""


@dataclass(frozen=True, kw_only=True)
class ThumbnailSize:
    """Of all thumbnails of one annotated video. At most half its size, so that fields blend."""

    video_px: tuple[int, int]
    """(width, height) of the annotated video."""
    width_px: int
    height_px: int

    @classmethod
    def of(cls, video_px: tuple[int, int]) -> "ThumbnailSize":
        """Choose it."""
        scale = min(0.5, _LONGEST_SIDE_PX / max(video_px))
        width, height = (max(1, round(side * scale)) for side in video_px)
        return cls(video_px=video_px, width_px=width, height_px=height)

    def place_of(self, shown_px: tuple[int, int]) -> Place:
        """Where a frame shown in this size lies: as it is (but for padding), else fitted into the middle."""
        width, height = self.video_px
        if all(0 <= outer - inner <= 1 for outer, inner in zip(self.video_px, shown_px, strict=True)):
            return Place(x_px=0, y_px=0, width_px=self.width_px, height_px=self.height_px, is_scaled=False)
        scale = min(width / shown_px[0], height / shown_px[1])
        fitted = (shown_px[0] * scale / width, shown_px[1] * scale / height)
        inner = (
            max(1, min(self.width_px, round(fitted[0] * self.width_px))),
            max(1, min(self.height_px, round(fitted[1] * self.height_px))),
        )
        return Place(
            x_px=(self.width_px - inner[0]) // 2,
            y_px=(self.height_px - inner[1]) // 2,
            width_px=inner[0],
            height_px=inner[1],
            is_scaled=True,
        )


class Thumbnails:
    """Makes thumbnails of one film. Not for several threads at once."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def stored(self, frame: VideoFrame, width_px: int, height_px: int) -> Luma:
        """Of a frame as it is stored, not turned."""
        return _luma(_rgb(self._reformatter, frame, width_px, height_px))

    def shown(self, frame: VideoFrame, turn: int, width_px: int, height_px: int) -> Luma:
        """Of a frame as it is shown, in that size after turning."""
        if orientation.is_transposed(turn):
            width_px, height_px = height_px, width_px
        return blurred(orientation.turned(self.stored(frame, width_px, height_px), turn))


def rgb_of(frame: VideoFrame) -> NDArray[np.uint8]:
    """(H, W, 3), the frame in full."""
    return _rgb(VideoReformatter(), frame, frame.width, frame.height)


def cropped(frame: VideoFrame, crop_px: tuple[int, int, int, int] | None) -> VideoFrame:
    """The part of a frame inside x_min, y_min, x_max, y_max."""
    if crop_px is None:
        return frame
    x_min, y_min, x_max, y_max = (max(0, side) for side in crop_px)
    return VideoFrame.from_ndarray(np.ascontiguousarray(rgb_of(frame)[y_min:y_max, x_min:x_max]))


def blurred(picture: Luma) -> Luma:
    """Each pixel averaged with its neighbours, so that less than a pixel's shift does not matter."""
    padded = np.pad(picture, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return np.asarray((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9, dtype=np.float32)


def _luma(rgb: NDArray[np.uint8]) -> Luma:
    return np.asarray(rgb.astype(np.float32) @ _LUMA_WEIGHTS, dtype=np.float32)


def _rgb(
    reformatter: VideoReformatter, frame: VideoFrame, width_px: int, height_px: int
) -> NDArray[np.uint8]:
    small = reformatter.reformat(
        frame,
        width=width_px,
        height=height_px,
        format="rgb24",
        src_color_range=_range_of(frame),
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
        threads=1,
    )
    return np.asarray(small.to_ndarray(), dtype=np.uint8)


def _range_of(frame: VideoFrame) -> ColorRange | None:
    name = frame.format.name
    if not name.startswith(("yuv", "nv", "p0", "p2")):
        return None
    return ColorRange.JPEG if name.startswith("yuvj") or frame.color_range == _FULL_RANGE else ColorRange.MPEG
