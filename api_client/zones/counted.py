"""All tracks of a log, and the zones and lines they meet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api_client.contract.zones import Line, Zone
from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord
from api_client.zones.asked import Shapes
from api_client.zones.geometry import foot_point
from api_client.zones.visits import Crossings, Event, Sight, Visit


@dataclass(frozen=True, kw_only=True)
class ZoneRow:
    """One track in one zone."""

    zone: str
    class_name: str
    tracker_id: int
    entered: int
    left: int
    began_inside: bool
    ended_inside: bool
    dwell_seconds: float
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One track over one line."""

    line: str
    class_name: str
    tracker_id: int
    to_right: int
    """As seen by somebody who looks along the line from its start to its end."""
    to_left: int
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What came of zones and lines. Tracks that have nothing to do with one have no row."""

    shapes: Shapes
    zones: tuple[ZoneRow, ...]
    lines: tuple[LineRow, ...]


def count(frames: Iterable[FrameRecord], shapes: Shapes) -> Counted:
    """Follow every track of a log through all zones and over all lines, in one pass."""
    ways: dict[int, _Way] = {}
    for frame in frames:
        for box in frame.boxes:
            if box.tracker_id is not None:
                sight = Sight(time_seconds=frame.time_seconds, foot=foot_point(box.box_xyxy_px))
                way = ways.get(box.tracker_id)
                if way is None:
                    ways[box.tracker_id] = _Way(box, sight, shapes)
                else:
                    way.add(sight)
    return Counted(
        shapes=shapes,
        zones=tuple(row for zone in shapes.zones for way in ways.values() for row in way.zone_rows(zone)),
        lines=tuple(row for line in shapes.lines for way in ways.values() for row in way.line_rows(line)),
    )


class _Way:
    """Of one track: the log gives it one label."""

    def __init__(self, box: LoggedBox, first: Sight, shapes: Shapes) -> None:
        assert box.tracker_id is not None
        self._tracker_id, self._class_name = box.tracker_id, box.class_name
        self._visits = {zone.name: Visit(zone, first) for zone in shapes.zones}
        self._crossings = {line.name: Crossings(line, first) for line in shapes.lines}

    def add(self, sight: Sight) -> None:
        for visit in self._visits.values():
            visit.add(sight)
        for crossings in self._crossings.values():
            crossings.add(sight)

    def zone_rows(self, zone: Zone) -> Iterator[ZoneRow]:
        visit = self._visits[zone.name]
        if visit.events or visit.began_inside:
            entered = sum(event.what == "entered" for event in visit.events)
            yield ZoneRow(
                zone=zone.name,
                class_name=self._class_name,
                tracker_id=self._tracker_id,
                entered=entered,
                left=len(visit.events) - entered,
                began_inside=visit.began_inside,
                ended_inside=visit.is_inside,
                dwell_seconds=visit.dwell_seconds,
                events=tuple(visit.events),
            )

    def line_rows(self, line: Line) -> Iterator[LineRow]:
        events = self._crossings[line.name].events
        if events:
            to_right = sum(event.what == "to_right" for event in events)
            yield LineRow(
                line=line.name,
                class_name=self._class_name,
                tracker_id=self._tracker_id,
                to_right=to_right,
                to_left=len(events) - to_right,
                events=tuple(events),
            )
