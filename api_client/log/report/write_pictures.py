"""Writing the page of a set of pictures: a gallery with filters."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from api_client.contract import Manifest
from api_client.contract.marker import Gap
from api_client.log.frames import FrameRecord
from api_client.log.plain_text import one_line
from api_client.log.report import page_data
from api_client.log.report.columns import TIMES_PER_SECOND, LogColumns
from api_client.log.report.template import write_page


def write_picture_report(
    path: Path,
    *,
    manifest: Manifest,
    frames: Iterable[FrameRecord],
    summary: Mapping[str, Any],
    annotated: Mapping[str, str],
    gaps: Sequence[Gap] = (),
    notes: Sequence[str] = (),
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Write `report.html`; it appears complete or not at all. Equal arguments give equal bytes.

    frames: the whole log, in order. summary: `summary.json`.
    annotated: picture's name → where its annotated one lies, seen from the page.
    """
    columns = LogColumns.of(frames)
    missed, missed_more = page_data.missed_of(summary)
    data = {
        "frames": columns.frames,
        "boxes": columns.boxes,
        "frames_looked_at": columns.frames_looked_at,
        "times_per_second": TIMES_PER_SECOND,
        "seconds_per_frame": 1,
        "words": page_data.words_of(columns),
        "tracks": [],
        "pictures": [
            {"name": picture.name, "href": _link(annotated.get(picture.name))}
            for picture in manifest.footage.pictures
        ],
        "has_annotated": bool(annotated),
        "gaps": [one_line(gap.reason, most=1000) for gap in gaps],
    }
    write_page(
        path,
        "pictures",
        title=one_line(manifest.source.file_name, most=300),
        data=data,
        columns=columns.packed(),
        provenance=page_data.provenance_of(manifest, provenance or {}),
        notes=[one_line(note, most=1000) for note in notes],
        missed=missed,
        missed_more=missed_more,
    )


def _link(place: str | None) -> str | None:
    return None if place is None else quote(place)
