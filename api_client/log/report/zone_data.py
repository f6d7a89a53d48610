"""Zones and lines as the page shows them: over the video, and as two tables."""

from collections.abc import Iterable
from typing import Any

from api_client.contract.source import VideoSpec
from api_client.contract.zones import Point
from api_client.log.palette import colour_of
from api_client.log.plain_text import one_line
from api_client.zones.counted import Counted
from api_client.zones.totals import line_totals, zone_totals

_LONGEST_WORD = 200


def zone_data(counted: Counted, video: VideoSpec) -> dict[str, Any]:
    """Return shapes in display proportions, and rows of text."""
    wider = video.sample_aspect_ratio[0] / video.sample_aspect_ratio[1]
    return {
        "width": round(video.width_px * wider, 2),
        "height": video.height_px,
        "zones": [
            {**_named(zone.name), "points": _points(zone.corners, wider)} for zone in counted.shapes.zones
        ],
        "lines": [
            {**_named(line.name), "points": _points((line.start, line.end), wider)}
            for line in counted.shapes.lines
        ],
        "zone_rows": [
            {
                "name": total.zone,
                "word": one_line(total.class_name, most=_LONGEST_WORD),
                "numbers": (total.objects, total.entered, total.left),
                "mean": f"{total.mean_dwell_seconds:.1f} s",
                "longest": f"{total.longest_dwell_seconds:.1f} s",
            }
            for total in zone_totals(counted)
        ],
        "line_rows": [
            {
                "name": total.line,
                "word": one_line(total.class_name, most=_LONGEST_WORD),
                "numbers": (total.objects, total.to_right, total.to_left),
            }
            for total in line_totals(counted)
        ],
    }


def _named(name: str) -> dict[str, str]:
    return {"name": name, "colour": "#{:02x}{:02x}{:02x}".format(*colour_of(f"zone {name}"))}


def _points(points: Iterable[Point], wider: float) -> list[tuple[float, float]]:
    return [(round(x * wider, 2), round(y, 2)) for x, y in points]
