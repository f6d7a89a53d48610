"""Zones and lines as they are asked for: `door=10,20,300,400`, `in=0,200,640,200`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from api_client.contract.rendering import Rendering
from api_client.contract.source import VideoSpec
from api_client.contract.zones import Line, Point, Zone
from api_client.errors import SettingsError

_ZONE = "--zone NAME=x1,y1,x2,y2 is a rectangle, with more corners any shape: --zone door=10,20,90,20,50,80"
_LINE = "--line NAME=x1,y1,x2,y2 goes from one point to another: --line in=0,200,640,200"


@dataclass(frozen=True, kw_only=True)
class Shapes:
    """The zones and lines that are asked about."""

    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.zones or self.lines)

    @property
    def zones_by_name(self) -> dict[str, Zone]:
        """As conditions name them."""
        return {zone.name: zone for zone in self.zones}


NO_SHAPES = Shapes()


def shapes_of(zones: Iterable[str] = (), lines: Iterable[str] = ()) -> Shapes:
    """Read what was typed. Raises `SettingsError` for what is no zone or line, or two of one name."""
    shapes = Shapes(zones=tuple(map(zone_of, zones)), lines=tuple(map(line_of, lines)))
    names = Counter([*(zone.name for zone in shapes.zones), *(line.name for line in shapes.lines)])
    twice = next((name for name, count in names.items() if count > 1), None)
    if twice is not None:
        raise SettingsError(f"there are two zones or lines called {twice!r}: give each a name of its own")
    return shapes


def zone_of(text: str) -> Zone:
    """Read a zone; two corners make a rectangle. Raises `SettingsError`."""
    name, points = _name_and_points(text, "zone", _ZONE)
    if len(points) == 2:
        (left, top), (right, bottom) = points
        points = [(left, top), (right, top), (right, bottom), (left, bottom)]
    try:
        return Zone(name=name, corners=tuple(points))
    except ValidationError as error:
        raise _refused(text, "zone", error, _ZONE) from None


def line_of(text: str) -> Line:
    """Read a line. Raises `SettingsError`."""
    name, points = _name_and_points(text, "line", _LINE)
    if len(points) != 2:
        raise SettingsError(f"the line {text!r} has {len(points)} points instead of 2: {_LINE}")
    try:
        return Line(name=name, start=points[0], end=points[1])
    except ValidationError as error:
        raise _refused(text, "line", error, _LINE) from None


def check_inside(shapes: Shapes, video: VideoSpec) -> None:
    """Raise `SettingsError` for a zone or a line that nobody in the picture can reach."""
    for zone in shapes.zones:
        _check_reaches("zone", zone.name, zone.corners, video)
    for line in shapes.lines:
        _check_reaches("line", line.name, (line.start, line.end), video)


def shapes_drawn(rendering: Rendering | None) -> Shapes:
    """The zones and lines of a rendering."""
    if rendering is None:
        return NO_SHAPES
    return Shapes(zones=rendering.zones, lines=rendering.lines)


def _check_reaches(kind: str, name: str, points: Sequence[Point], video: VideoSpec) -> None:
    (left, right), (top, bottom) = ((min(values), max(values)) for values in zip(*points, strict=True))
    if right < 0 or bottom < 0 or left > video.width_px or top > video.height_px:
        raise SettingsError(
            f"the {kind} {name!r} lies outside of the frame: it reaches from {left:g},{top:g} to "
            f"{right:g},{bottom:g}, and the frame is {video.width_px} by {video.height_px} pixels"
        )


def _name_and_points(text: str, kind: str, example: str) -> tuple[str, list[Point]]:
    name, equals, numbers = text.partition("=")
    try:
        values = [float(number) for number in numbers.split(",")]
    except ValueError:
        values = []
    if not equals or len(values) < 4 or len(values) % 2:
        raise SettingsError(f"{text!r} is no {kind}: {example}")
    return name.strip(), list(zip(values[::2], values[1::2], strict=True))


def _refused(text: str, kind: str, error: ValidationError, example: str) -> SettingsError:
    first = error.errors(include_url=False)[0]
    if first["loc"][:1] == ("name",):
        return SettingsError(f"{text!r} needs a name that is one word of at most 40 letters: {example}")
    return SettingsError(f"{text!r} is no {kind}: {first['msg'].removeprefix('Value error, ')}; {example}")
