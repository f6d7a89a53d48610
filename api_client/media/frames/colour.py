"""Between decoded pictures and RGB.

Which matrix and range apply is said by the manifest, not guessed from each frame, and all is done on one
thread. An unspecified matrix is BT.601, as libswscale has it: decoding and encoding use the same one, so its
choice cancels out. Rounding is exact, with the same bits whatever SIMD there is, but where it is said to be
quick: docs/decisions/0058-quick-colours.md.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from api_client.contract.source import VideoSpec
from api_client.media.frames.orientation import UPRIGHT, swaps_sides, upright
from api_client.media.frames.tone import HLG, PQ, ToneMapper
from api_client.media.frames.yuv import BT601, YuvEquation

Rgb = NDArray[np.uint8]
"""(H, W, 3), contiguous."""

_EXACT = Interpolation.ACCURATE_RND | Interpolation.BITEXACT
_TO_RGB = Interpolation.POINT | _EXACT
"""Every pixel takes the nearest chroma sample. Interpolation would depend on where a frame says its chroma
lies, which is lost when packets move to another container; and it would cost half the speed."""
_QUICKLY_TO_RGB = Interpolation.POINT
"""A sixth of the time, and up to 3 of 255 off. The same bits on every x86-64 processor, others on ARM."""
_QUICK_FORMATS = ("yuv420p", "yuvj420p")
_SCALED_TO_RGB = Interpolation.BILINEAR | _EXACT
_TO_YUV = Interpolation.BILINEAR | _EXACT

_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.SMPTE170M,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""By ITU-T H.273 matrix coefficients."""

BT709 = 1
UNSPECIFIED = 2
_FULL = 2
_LIMITED = 1
_BT2020_PRIMARIES = 9


def is_high_dynamic_range(video: VideoSpec) -> bool:
    """Whether pictures are tone-mapped, and annotated video is ordinary BT.709."""
    return video.color_transfer in (PQ, HLG)


def shown_colours(video: VideoSpec) -> VideoSpec:
    """The same video, with the colours that annotated pictures have."""
    if is_high_dynamic_range(video):
        bt709 = {"color_primaries": BT709, "color_transfer": BT709, "color_space": BT709}
        return video.model_copy(update={**bt709, "color_range": _LIMITED})
    if video.color_space in {*_MATRICES, UNSPECIFIED}:
        return video
    return video.model_copy(update={"color_space": BT601})


def turned_back(video: VideoSpec) -> VideoSpec:
    """The same video as its decoder gives it: not turned upright."""
    if not swaps_sides(video.orientation):
        return video.model_copy(update={"orientation": UPRIGHT})
    swapped = {"width_px": video.height_px, "height_px": video.width_px}
    return video.model_copy(update={"orientation": UPRIGHT, **swapped})


class ColourConverter:
    """Converts frames of one video. Not for several threads at once."""

    def __init__(self, video: VideoSpec, *, quick: bool = False) -> None:
        """quick: the commonest pixel format with the rounding of this kind of processor."""
        self._video = video
        self._quick = quick
        self._orientation = video.orientation
        decoded = turned_back(video)
        self._decoded_size = (decoded.width_px, decoded.height_px)
        self._tone: ToneMapper | None = None
        if is_high_dynamic_range(video):
            self._tone = ToneMapper(video.color_transfer, is_wide=video.color_primaries == _BT2020_PRIMARIES)
        shown = shown_colours(video)
        self._shown_matrix, self._shown_range = _matrix(shown.color_space), _range(shown.color_range)
        equation = YuvEquation.of(shown.color_space, is_full_range=shown.color_range == _FULL)
        self.yuv = lru_cache(maxsize=4096)(equation.yuv)
        """A colour, red, green and blue, in the luma and chroma of annotated video."""
        self._to_rgb = VideoReformatter()
        self._to_yuv = VideoReformatter()

    def rgb(self, frame: VideoFrame) -> Rgb:
        """A decoded frame as display pixels: upright, in the video's size.

        A frame of another size is scaled to fit, and what it leaves free is black.
        """
        size = fitted((frame.width, frame.height), self._decoded_size)
        pixels = self._converted(frame, size)
        if size != self._decoded_size:
            pixels = _on_black(pixels, self._decoded_size)
        return np.ascontiguousarray(upright(pixels, self._orientation), dtype=np.uint8)

    def keeps(self, frame: VideoFrame) -> bool:
        """Whether the frame's own pixels can stand in annotated video."""
        is_full = frame.format.name == "yuvj420p"
        return (
            (frame.format.name == "yuv420p" or (is_full and self._video.color_range == _FULL))
            and (frame.width, frame.height) == (self._video.width_px, self._video.height_px)
            and frame.width % 2 == frame.height % 2 == 0
            and self._orientation == UPRIGHT
            and self._tone is None
            and not self._video.colours_change
        )

    def yuv420p(self, rgb: Rgb, size_px: tuple[int, int] | None = None) -> VideoFrame:
        """Display pixels, padded to even sizes by repeating the last row and column, or scaled to a size."""
        height, width = rgb.shape[:2]
        if size_px is None and (width % 2 or height % 2):
            rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        return self._to_yuv.reformat(
            VideoFrame.from_numpy_buffer(np.ascontiguousarray(rgb), format="rgb24"),  # no copy
            width=size_px[0] if size_px else None,
            height=size_px[1] if size_px else None,
            format="yuv420p",
            dst_colorspace=self._shown_matrix,
            src_color_range=ColorRange.JPEG,
            dst_color_range=self._shown_range,
            interpolation=_TO_YUV,
            threads=1,
        )

    def scaled(self, frame: VideoFrame, size_px: tuple[int, int]) -> VideoFrame:
        """A frame's own pixels in another size, (width, height)."""
        width, height = size_px
        return self._to_yuv.reformat(frame, width, height, interpolation=_TO_YUV, threads=1)

    def _converted(self, frame: VideoFrame, size: tuple[int, int]) -> Rgb:
        matrix, color_range = self._video.color_space, self._video.color_range
        if self._video.colours_change:
            matrix = frame.colorspace if frame.colorspace != UNSPECIFIED else matrix
            color_range = frame.color_range or color_range
        has_scale = size != (frame.width, frame.height)
        converted = self._to_rgb.reformat(
            frame,
            width=size[0],
            height=size[1],
            format="rgb48le" if self._tone else "rgb24",
            src_colorspace=_matrix(matrix),
            src_color_range=_range(color_range),
            dst_color_range=ColorRange.JPEG,
            interpolation=self._to_rgb_by(frame, has_scale=has_scale),
            threads=1,
        )
        pixels: NDArray[Any] = converted.to_ndarray()
        return self._tone.mapped(pixels) if self._tone else pixels

    def _to_rgb_by(self, frame: VideoFrame, *, has_scale: bool) -> Interpolation:
        if has_scale:
            return _SCALED_TO_RGB
        return _QUICKLY_TO_RGB if self._quick and frame.format.name in _QUICK_FORMATS else _TO_RGB


def fitted(size: tuple[int, int], into: tuple[int, int]) -> tuple[int, int]:
    """(width, height) as large as fits, of the same shape as `size`."""
    if size[0] * into[1] >= size[1] * into[0]:
        return into[0], max(round(size[1] * into[0] / size[0]), 1)
    return max(round(size[0] * into[1] / size[1]), 1), into[1]


def _on_black(pixels: Rgb, size: tuple[int, int]) -> Rgb:
    height, width = pixels.shape[:2]
    whole = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    whole[top : top + height, left : left + width] = pixels
    return whole


def _matrix(color_space: int) -> Colorspace:
    return _MATRICES.get(color_space, Colorspace.ITU601)


def _range(color_range: int) -> ColorRange:
    return ColorRange.JPEG if color_range == _FULL else ColorRange.MPEG
