"""Looking at parts of a frame one by one, beside the whole of it: what is small becomes larger."""

import re
from typing import Self

from pydantic import Field, ValidationError, model_validator

from api_client.contract.model import Document
from api_client.defaults import DEFAULT_TILE_OVERLAP
from api_client.errors import SettingsError

_GRID = re.compile(r"([1-9]\d?)[xX]([1-9]\d?)")


class Tiling(Document):
    """Equal tiles that cover a frame, each overlapping the next; so many, or of such a size."""

    columns: int | None = Field(default=None, ge=1, le=16)
    rows: int | None = Field(default=None, ge=1, le=16)
    size_px: int | None = Field(default=None, ge=64, le=1 << 14)
    """Of a square tile; less where the frame is."""
    overlap: float = Field(default=DEFAULT_TILE_OVERLAP, ge=0, le=0.5)
    """Part of a tile that its neighbour shows too."""

    @model_validator(mode="after")
    def _check_one_is_given(self) -> Self:
        if (self.columns is None) != (self.rows is None) or (self.columns is None) == (self.size_px is None):
            raise ValueError("tiles are so many, or of such a size")
        return self


def tiling_of(grid: str | None, size_px: int | None, overlap: float = DEFAULT_TILE_OVERLAP) -> Tiling | None:
    """Return what is asked for, e.g. by "2x2" (columns, rows) or 640; None where neither is given.

    Raises `SettingsError`.
    """
    if grid is None and size_px is None:
        return None
    if grid is not None and size_px is not None:
        raise SettingsError("--tiles says how many and --tile-size how large: give one of them")
    columns, rows = (None, None) if grid is None else _grid(grid)
    try:
        return Tiling(columns=columns, rows=rows, size_px=size_px, overlap=overlap)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise SettingsError(f"tiles: {first['loc'][0]}: {first['msg']}") from None


def _grid(text: str) -> tuple[int, int]:
    found = _GRID.fullmatch(text.strip())
    if found is None:
        raise SettingsError(f"the tiles are {text!r}: write columns and rows, e.g. 2x2")
    return int(found[1]), int(found[2])
