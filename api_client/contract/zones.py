"""Zones and lines in the picture: where somebody enters, and what somebody crosses.

Coordinates are pixels of the displayed frame, from the top left, as in the log.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api_client.contract.model import Document

_FARTHEST_PX = 1e6
Coordinate = Annotated[float, Field(ge=-_FARTHEST_PX, le=_FARTHEST_PX)]
Point = tuple[Coordinate, Coordinate]
"""(x, y) in pixels; y grows downwards."""
ShapeName = Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=40)]
"""One word, so that it can stand in a condition and a file.

Its length is no part of the pattern: forty times every letter there is takes every process 13 ms to compile.
"""


class Zone(Document):
    """An area with straight edges."""

    name: ShapeName
    corners: tuple[Point, ...] = Field(min_length=3, max_length=200)
    """In order, the last joined to the first."""

    @model_validator(mode="after")
    def _check_it_has_an_area(self) -> Self:
        xs, ys = zip(*self.corners, strict=True)
        if min(xs) == max(xs) or min(ys) == max(ys):
            raise ValueError("it has no area")
        return self


class Line(Document):
    """A straight line from one point to another."""

    name: ShapeName
    start: Point
    end: Point

    @model_validator(mode="after")
    def _check_it_has_a_length(self) -> Self:
        if self.start == self.end:
            raise ValueError("it begins where it ends")
        return self
