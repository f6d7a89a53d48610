"""Where the tiles of a frame lie."""

from dataclasses import dataclass
from math import ceil

from api_client.contract.tiling import Tiling


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A part of a frame, in its pixels."""

    x: int
    y: int
    width: int
    height: int


def tiles_of(frame_hw_px: tuple[int, int], tiling: Tiling) -> list[Tile]:
    """Return equal tiles that cover the frame; none where one tile would be all of it."""
    height, width = frame_hw_px
    tile_width, starts_x = _spans(width, tiling.columns, tiling)
    tile_height, starts_y = _spans(height, tiling.rows, tiling)
    if len(starts_x) * len(starts_y) == 1:
        return []
    return [Tile(x=x, y=y, width=tile_width, height=tile_height) for y in starts_y for x in starts_x]


def _spans(side: int, count: int | None, tiling: Tiling) -> tuple[int, list[int]]:
    """How long a tile is along one side of the frame, and where each begins.

    Neighbours overlap by the part that is asked for, or by more where whole tiles do not fit otherwise.
    """
    if count is None:
        assert tiling.size_px is not None
        length = min(side, tiling.size_px)
        count = 1 + ceil((side - length) / max(1, length * (1 - tiling.overlap)))
    else:
        count = min(count, side)
        length = min(side, ceil(side / (count - (count - 1) * tiling.overlap)))
    last = side - length
    return length, [round(last * number / max(1, count - 1)) for number in range(count)]
