"""The log cut into the parts again: what is to be drawn in each.

A row is one of the log's, with the best confidence of its track beside it, by which a track as a whole is
shown or left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from api_client.contract import Manifest
from api_client.contract.detection_log import JOB_SCHEMA
from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord

ROWS_SCHEMA = pa.schema([*JOB_SCHEMA, pa.field("best_confidence", pa.float32(), nullable=False)])


class DrawableBox(NamedTuple):
    """A box of the log, and how sure its track was at its best."""

    box: LoggedBox
    best_confidence: float
    """Of its track; its own where it is of none."""


class PartRows:
    """Writes `000000.parquet` and so on into a directory; parts in which nothing is have none."""

    def __init__(self, manifest: Manifest, directory: Path, best_confidences: Mapping[int, float]) -> None:
        """best_confidences: of each track, by its id."""
        self._ends = iter([(chunk.index, chunk.frame_indices.stop) for chunk in manifest.chunks])
        self._index, self._end = next(self._ends)
        self._directory = directory
        self._best = best_confidences
        self._waiting: list[tuple[object, ...]] = []

    def passing(self, frames: Iterable[FrameRecord]) -> Iterator[FrameRecord]:
        """Yield the frames on, having noted what is in them; they come in order, from the first on."""
        for frame in frames:
            while frame.frame_index >= self._end:
                self._write()
                self._index, self._end = next(self._ends)
            self._waiting.extend((*box, self._best_of(box)) for box in frame.boxes)
            yield frame
        self._write()

    def _best_of(self, box: LoggedBox) -> float:
        return box.confidence if box.tracker_id is None else self._best[box.tracker_id]

    def _write(self) -> None:
        if self._waiting:
            columns = zip(*self._waiting, strict=True)
            arrays = [
                pa.array(list(column), field.type) for column, field in zip(columns, ROWS_SCHEMA, strict=True)
            ]
            table = pa.Table.from_arrays(arrays, schema=ROWS_SCHEMA)
            pq.write_table(table, self._directory / f"{self._index:06d}.parquet", compression="zstd")
        self._waiting = []


def read_rows(path: Path) -> Iterator[DrawableBox]:
    """Yield the boxes of a part, in the order of its frames."""
    with pq.ParquetFile(path) as rows:
        for batch in rows.iter_batches():
            columns = [column.to_pylist() for column in batch.columns]
            for *box, best_confidence in zip(*columns, strict=True):
                yield DrawableBox(LoggedBox._make(box), best_confidence)
