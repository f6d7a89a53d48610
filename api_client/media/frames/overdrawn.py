"""Pictures of which only what was drawn is converted: every other pixel stays as the camera wrote it."""

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.media.frames.colour import ColourConverter, Rgb
from api_client.media.frames.yuv import YuvEquation

_LARGEST_TILE_PX = 16
_MOST_TOUCHED = 0.25
"""Of a picture's tiles: beyond, converting all of it is quicker."""

Tiles = NDArray[np.uint8]
"""(rows, columns, height, width, …): a view of a picture, cut into tiles."""


def overdrawn(decoded: VideoFrame, rgb: Rgb, picture: Rgb, convert: ColourConverter) -> VideoFrame:
    """Return a decoded frame as yuv420p, with the pixels in which `picture` differs from `rgb`.

    decoded: one that `convert` keeps. rgb: what it was converted to, (H, W, 3).
    """
    if picture is rgb:
        return _frame(_planes(decoded))
    tile_px = _tile_px(rgb.shape[0]), _tile_px(rgb.shape[1])
    touched = _touched(rgb, picture, tile_px)
    if touched.mean() > _MOST_TOUCHED:
        return convert.yuv420p(picture)
    planes = _planes(decoded)
    before, after = _tiles(rgb, tile_px)[touched], _tiles(picture, tile_px)[touched]
    _draw(planes, touched, _differs(before, after), after, convert.equation)
    return _frame(planes)


def _draw(
    planes: NDArray[np.uint8],
    touched: NDArray[np.bool_],
    drawn: NDArray[np.bool_],
    after: NDArray[np.uint8],
    equation: YuvEquation,
) -> None:
    """Write the pixels that were drawn, and the chroma samples they take part in.

    planes: (H * 3/2, W), Y then U then V. drawn: (N, height, width) of the touched tiles, after: (…, 3).
    """
    height, width = planes.shape[0] * 2 // 3, planes.shape[1]
    tall, wide = drawn.shape[1:]
    _put(_tiles(planes[:height], (tall, wide)), touched, drawn, equation.luma(after))
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    takes_part = np.logical_or.reduce(_quarters(drawn))
    for plane, samples in zip(chroma, equation.chroma(after), strict=True):
        _put(_tiles(plane, (tall // 2, wide // 2)), touched, takes_part, samples)


def _put(
    tiles: Tiles, touched: NDArray[np.bool_], which: NDArray[np.bool_], values: NDArray[np.uint8]
) -> None:
    tiles[touched] = np.where(which, values, tiles[touched])


def _differs(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(N, height, width): in which pixels."""
    differs: NDArray[np.bool_] = np.not_equal(before, after)
    return differs[..., 0] | differs[..., 1] | differs[..., 2]


def _quarters(pixels: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Return the four pixels that share each chroma sample, (N, height / 2, width / 2)."""
    return [pixels[:, row::2, column::2] for row in (0, 1) for column in (0, 1)]


def _tile_px(side_px: int) -> int:
    """Return the largest power of two that divides an even side, up to a bound."""
    return min(side_px & -side_px, _LARGEST_TILE_PX)


def _tiles(picture: NDArray[np.uint8], tile_px: tuple[int, int]) -> Tiles:
    height, width, *channels = picture.shape
    tall, wide = tile_px
    return picture.reshape(height // tall, tall, width // wide, wide, *channels).swapaxes(1, 2)


def _touched(rgb: Rgb, picture: Rgb, tile_px: tuple[int, int]) -> NDArray[np.bool_]:
    """(rows, columns): which tiles differ anywhere."""
    tall, row_bytes = tile_px[0], 3 * tile_px[1]
    word = np.dtype(np.uint64 if row_bytes % 8 == 0 else np.uint16)
    rows = (len(rgb) // tall, tall, -1)
    differs = rgb.reshape(*rows).view(word) != picture.reshape(*rows).view(word)
    by_row: NDArray[np.bool_] = np.logical_or.reduce(differs, axis=1)
    touched: NDArray[np.bool_] = np.logical_or.reduce(
        by_row.reshape(rows[0], -1, row_bytes // word.itemsize), axis=2
    )
    return touched


def _planes(frame: VideoFrame) -> NDArray[np.uint8]:
    """Return a copy, (H * 3/2, W)."""
    return np.asarray(frame.to_ndarray(), np.uint8)


def _frame(planes: NDArray[np.uint8]) -> VideoFrame:
    return VideoFrame.from_ndarray(planes, format="yuv420p")  # without a copy, PyAV 18 loses rows of 98
