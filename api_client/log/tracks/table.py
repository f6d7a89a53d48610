"""`tracks.parquet`: one row a track."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api_client.contract import Manifest
from api_client.log.frame_times import FrameTimes
from api_client.log.tracks.sightings import Track

_VOTE = pa.struct([pa.field("class_name", pa.string()), pa.field("weight", pa.float64())])

TRACKS_SCHEMA = pa.schema(
    [
        pa.field("tracker_id", pa.int64(), nullable=False),  # from 1, in order of first appearance
        pa.field("class_id", pa.int32(), nullable=False),  # the label by vote
        pa.field("class_name", pa.string(), nullable=False),
        pa.field("votes", pa.list_(_VOTE), nullable=False),  # sum of confidences by label, highest first
        pa.field("first_frame", pa.int64(), nullable=False),
        pa.field("last_frame", pa.int64(), nullable=False),
        pa.field("first_seconds", pa.float64(), nullable=False),
        pa.field("last_seconds", pa.float64(), nullable=False),
        pa.field("frames_seen", pa.int64(), nullable=False),  # with a detection, interpolated not counted
        pa.field("best_confidence", pa.float32(), nullable=False),
        pa.field("best_frame", pa.int64(), nullable=False),
        pa.field("best_seconds", pa.float64(), nullable=False),
        pa.field("x_min", pa.float32(), nullable=False),  # the box in the best frame
        pa.field("y_min", pa.float32(), nullable=False),
        pa.field("x_max", pa.float32(), nullable=False),
        pa.field("y_max", pa.float32(), nullable=False),
    ]
)

_ROWS_AT_ONCE = 65_536


def write_tracks(
    path: Path, tracks: tuple[Track, ...], frames_seen: Mapping[int, int], manifest: Manifest
) -> None:
    """Write the table; equal tracks give equal bytes.

    frames_seen: identity → frames in which a detection was drawn as its own.
    """
    times, labels = FrameTimes(manifest), manifest.job.vocabulary.labels
    with pq.ParquetWriter(path, TRACKS_SCHEMA, compression="zstd") as writer:
        for start in range(0, len(tracks), _ROWS_AT_ONCE):
            some = tracks[start : start + _ROWS_AT_ONCE]
            rows = [_row(track, frames_seen[track.tracker_id], times, labels) for track in some]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=TRACKS_SCHEMA))


def read_tracks(path: Path) -> Iterable[dict[str, Any]]:
    """Yield the table's rows, a bounded number in memory."""
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=_ROWS_AT_ONCE):
            yield from batch.to_pylist()


def _row(track: Track, frames_seen: int, times: FrameTimes, labels: tuple[str, ...]) -> dict[str, Any]:
    votes = sorted(track.votes.items(), key=lambda vote: (-vote[1], vote[0]))
    x_min, y_min, x_max, y_max = track.best_box_xyxy_px
    return {
        "tracker_id": track.tracker_id,
        "class_id": track.class_id,
        "class_name": labels[track.class_id],
        "votes": [{"class_name": labels[label], "weight": round(weight, 6)} for label, weight in votes],
        "first_frame": track.first_frame,
        "last_frame": track.last_frame,
        "first_seconds": times.seconds(track.first_frame),
        "last_seconds": times.seconds(track.last_frame),
        "frames_seen": frames_seen,
        "best_confidence": track.best_confidence,
        "best_frame": track.best_frame,
        "best_seconds": times.seconds(track.best_frame),
        "x_min": x_min,
        "y_min": y_min,
        "x_max": x_max,
        "y_max": y_max,
    }
