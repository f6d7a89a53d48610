"""Points in zones, and straight ways across edges. Pure.

Where a point lies exactly on an edge one rule holds for all, so that a way over it counts once: what is on a
line is on its left.
"""

from collections.abc import Iterator
from itertools import pairwise

from api_client.contract.zones import Line, Point, Zone

Segment = tuple[Point, Point]


def foot_point(box_xyxy_px: tuple[float, float, float, float]) -> Point:
    """Where an object stands: the middle of its box's lower side."""
    x_min, _, x_max, y_max = box_xyxy_px
    return (x_min + x_max) / 2, y_max


def is_inside(point: Point, zone: Zone) -> bool:
    """Whether a point is in a zone, by the number of edges to the right of it (even-odd rule)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in edges(zone):
        if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            inside = not inside
    return inside


def edges(zone: Zone) -> Iterator[Segment]:
    """Every side of a zone."""
    return pairwise((*zone.corners, zone.corners[0]))


def shares_inside(way: Segment, zone: Zone) -> list[tuple[float, float]]:
    """Return the stretches of a straight way that lie in a zone, as shares of it from 0 to 1, in order."""
    cuts = sorted({0.0, 1.0, *(share for edge in edges(zone) for share in _meetings(way, edge))})
    stretches: list[tuple[float, float]] = []
    for begin, end in pairwise(cuts):
        if is_inside(_point_at(way, (begin + end) / 2), zone):
            if stretches and stretches[-1][1] == begin:
                stretches[-1] = (stretches[-1][0], end)
            else:
                stretches.append((begin, end))
    return stretches


def crossing(way: Segment, line: Line) -> tuple[float, bool] | None:
    """Return where a straight way crosses a line, as share of the way, and whether to its right-hand side.

    Right is as seen by somebody who looks from the line's start to its end. None where it does not cross.
    """
    begin, end = (_side(point, line) for point in way)
    if (begin > 0) == (end > 0):
        return None
    share = begin / (begin - end)
    x, y = _point_at(way, share)
    (x1, y1), (x2, y2) = line.start, line.end
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
    return (share, end > 0) if 0 <= along <= 1 else None


def _side(point: Point, line: Line) -> float:
    """Above 0 to the right of the line; pixels times its length."""
    (x1, y1), (x2, y2) = line.start, line.end
    return (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)


def _meetings(way: Segment, edge: Segment) -> Iterator[float]:
    """Where a way meets an edge, as share of the way; nothing where they are parallel."""
    (x1, y1), (x2, y2) = way
    (x3, y3), (x4, y4) = edge
    across = (x2 - x1) * (y4 - y3) - (y2 - y1) * (x4 - x3)
    if across:
        share = ((x3 - x1) * (y4 - y3) - (y3 - y1) * (x4 - x3)) / across
        along = ((x3 - x1) * (y2 - y1) - (y3 - y1) * (x2 - x1)) / across
        if 0 < share < 1 and 0 <= along <= 1:
            yield share


def _point_at(way: Segment, share: float) -> Point:
    (x1, y1), (x2, y2) = way
    return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
