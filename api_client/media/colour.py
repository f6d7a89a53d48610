"""Between decoded pictures and RGB, the same everywhere.

Which matrix and range apply is said by the manifest, not guessed from each frame; libswscale is told to
round exactly and to give the same bits with and without SIMD, on one thread. An unspecified matrix is
BT.601, as libswscale has it: decoding and encoding use the same one, so its choice cancels out.
"""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from api_client.contract.manifest import VideoSpec

Rgb = NDArray[np.uint8]
"""(H, W, 3), contiguous."""

_EXACT = Interpolation.ACCURATE_RND | Interpolation.BITEXACT
_TO_RGB = Interpolation.POINT | _EXACT
"""Every pixel takes the nearest chroma sample. Interpolation would depend on where a frame says its chroma
lies, which is lost when packets move to another container; and it would cost half the speed."""
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

BT601 = 6
UNSPECIFIED = 2
_FULL = 2


def encoded_color_space(video: VideoSpec) -> int:
    """The matrix code annotated video is tagged with: the source's, or BT.601 where that is no matrix."""
    return video.color_space if video.color_space in {*_MATRICES, UNSPECIFIED} else BT601


def turned_back(video: VideoSpec) -> VideoSpec:
    """The same video as its decoder gives it: not turned upright."""
    if video.rotation_degrees in (0, 180):
        return video.model_copy(update={"rotation_degrees": 0})
    swapped = {"width_px": video.height_px, "height_px": video.width_px}
    return video.model_copy(update={"rotation_degrees": 0, **swapped})


class ColourConverter:
    """Converts frames of one video. Not for several threads at once."""

    def __init__(self, video: VideoSpec) -> None:
        self._matrix = _MATRICES.get(video.color_space, Colorspace.ITU601)
        self._range = ColorRange.JPEG if video.color_range == _FULL else ColorRange.MPEG
        self._quarter_turns = video.rotation_degrees // 90
        decoded = turned_back(video)
        self._decoded_size = (decoded.width_px, decoded.height_px)
        self._to_rgb = VideoReformatter()
        self._to_yuv = VideoReformatter()

    def rgb(self, frame: VideoFrame) -> Rgb:
        """A decoded frame as display pixels: upright, in the video's size."""
        converted = self._to_rgb.reformat(
            frame,
            width=self._decoded_size[0],
            height=self._decoded_size[1],
            format="rgb24",
            src_colorspace=self._matrix,
            src_color_range=self._range,
            dst_color_range=ColorRange.JPEG,
            interpolation=_TO_RGB,
            threads=1,
        )
        pixels = converted.to_ndarray()
        return np.ascontiguousarray(np.rot90(pixels, self._quarter_turns), dtype=np.uint8)

    def yuv420p(self, rgb: Rgb) -> VideoFrame:
        """Display pixels, padded to even sizes by repeating the last row and column."""
        height, width = rgb.shape[:2]
        if width % 2 or height % 2:
            rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        return self._to_yuv.reformat(
            VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24"),
            format="yuv420p",
            dst_colorspace=self._matrix,
            src_color_range=ColorRange.JPEG,
            dst_color_range=self._range,
            interpolation=_TO_YUV,
            threads=1,
        )
