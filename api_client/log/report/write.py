"""Writing the page."""

import base64
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
from api_client.log.report.zone_data import zone_data
from api_client.zones.counted import Counted

MOST_CROP_BYTES = 5_000_000
"""Of all crops together: with the log, the page stays below 15 MB."""


def write_report(
    path: Path,
    *,
    manifest: Manifest,
    frames: Iterable[FrameRecord],
    tracks: Iterable[Mapping[str, Any]],
    summary: Mapping[str, Any],
    crops: Mapping[int, bytes],
    video_name: str | None,
    gaps: Sequence[Gap] = (),
    notes: Sequence[str] = (),
    provenance: Mapping[str, Any] | None = None,
    zones: Counted | None = None,
) -> None:
    """Write `report.html`; it appears complete or not at all. Equal arguments give equal bytes.

    frames: the whole log, in order. tracks: rows of `tracks.parquet`. summary: `summary.json`.
    crops: `tracker_id` → JPEG. Where all together are too large, those of tracks seen longest are kept.
    video_name: the annotated video, which lies beside the page; None where the job has none.
    provenance: what the job's result says of its making. zones: what came of zones and lines.
    """
    columns, rows = LogColumns.of(frames), list(tracks)
    missed, missed_more = page_data.missed_of(summary)
    kept = _kept(crops, rows)
    data = {
        "frames": columns.frames,
        "boxes": columns.boxes,
        "frames_looked_at": columns.frames_looked_at,
        "times_per_second": TIMES_PER_SECOND,
        "first_frame": manifest.video.first_frame,
        "first_seconds": round(manifest.video.time_seconds(manifest.video.first_pts), 4),
        "seconds_per_frame": manifest.video.average_rate[1] / manifest.video.average_rate[0],
        "every": manifest.job.every,
        "is_tracked": manifest.job.tracks,
        "words": page_data.words_of(columns),
        "tracks": page_data.tracks_of(columns, rows),
        "gaps": page_data.gaps_of(gaps, manifest),
    }
    write_page(
        path,
        "report",
        title=one_line(manifest.source.file_name, most=300),
        video=None if video_name is None else quote(video_name),
        data=data,
        columns=columns.packed(),
        crops={tracker_id: base64.b64encode(jpeg).decode() for tracker_id, jpeg in kept.items()},
        provenance=page_data.provenance_of(manifest, provenance or {}),
        notes=[one_line(note, most=1000) for note in notes],
        missed=missed,
        missed_more=missed_more,
        zones=None if zones is None else zone_data(zones, manifest.video),
    )


def _kept(crops: Mapping[int, bytes], tracks: Iterable[Mapping[str, Any]]) -> dict[int, bytes]:
    by_length = sorted(tracks, key=lambda track: (-track["frames_seen"], track["tracker_id"]))
    kept, room = {}, MOST_CROP_BYTES
    for track in by_length:
        jpeg = crops.get(track["tracker_id"])
        if jpeg is not None and len(jpeg) <= room:
            kept[track["tracker_id"]] = jpeg
            room -= len(jpeg)
    return kept
