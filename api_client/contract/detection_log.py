"""The columns of the detection log: one row per detection, canonical as Parquet.

`SCHEMA` is what a worker writes for its chunk; `JOB_SCHEMA` is the log of the whole job, in which objects are
followed from frame to frame.

Coordinates are absolute pixels of the displayed frame (rotation applied). Frames in which nothing was
found have no row; which frames there are, and which were looked at, the manifest says.
"""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        pa.field("frame_index", pa.int64(), nullable=False),  # from 0, in presentation order
        pa.field("pts", pa.int64(), nullable=False),  # in the source's time base
        pa.field("time_seconds", pa.float64(), nullable=False),  # since frame 0
        pa.field("class_id", pa.int32(), nullable=False),  # index into the vocabulary's labels
        pa.field("class_name", pa.string(), nullable=False),
        pa.field("confidence", pa.float32(), nullable=False),
        pa.field("x_min", pa.float32(), nullable=False),
        pa.field("y_min", pa.float32(), nullable=False),
        pa.field("x_max", pa.float32(), nullable=False),
        pa.field("y_max", pa.float32(), nullable=False),
        pa.field("tracker_id", pa.int64()),  # null in a chunk's log; in a job's, where it is of no track
        pa.field("mask", pa.binary()),  # M*M bytes, probability 0..255 over the box; null without masks
    ]
)
"""Rows are ordered by `frame_index`, then by falling confidence."""

JOB_SCHEMA = pa.schema(
    [
        *list(SCHEMA)[:-1],
        pa.field("interpolated", pa.bool_(), nullable=False),  # placed between two detections of its track
        pa.field("detected_as", pa.string()),  # the detector's own label, where the track's vote overruled it
        SCHEMA.field("mask"),
    ]
)
"""As `SCHEMA`; in a frame, detections come first, then what was interpolated, by `tracker_id`."""


def write_log(path: Path, batches: Iterable[pa.RecordBatch]) -> int:
    """Write record batches of `SCHEMA`; return the number of rows. Equal rows give equal bytes."""
    rows = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd", write_statistics=True) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def read_log(path: Path, *, rows_per_batch: int = 8192) -> Iterable[pa.RecordBatch]:
    """Yield the log's rows in order, a bounded number at a time."""
    with pq.ParquetFile(path) as log:
        yield from log.iter_batches(batch_size=rows_per_batch)
