"""The log cut into the parts again: what is to be drawn in each."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from api_client.contract import Manifest
from api_client.contract.detection_log import JOB_SCHEMA
from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord


class PartRows:
    """Writes `000000.parquet` and so on into a directory; parts in which nothing is have none."""

    def __init__(self, manifest: Manifest, directory: Path) -> None:
        self._ends = iter([(chunk.index, chunk.frame_indices.stop) for chunk in manifest.chunks])
        self._index, self._end = next(self._ends)
        self._directory = directory
        self._waiting: list[LoggedBox] = []

    def passing(self, frames: Iterable[FrameRecord]) -> Iterator[FrameRecord]:
        """Yield the frames on, having noted what is in them; they come in order, from the first on."""
        for frame in frames:
            while frame.frame_index >= self._end:
                self._write()
                self._index, self._end = next(self._ends)
            self._waiting.extend(frame.boxes)
            yield frame
        self._write()

    def _write(self) -> None:
        if self._waiting:
            columns = zip(*self._waiting, strict=True)
            arrays = [
                pa.array(list(column), field.type) for column, field in zip(columns, JOB_SCHEMA, strict=True)
            ]
            table = pa.Table.from_arrays(arrays, schema=JOB_SCHEMA)
            pq.write_table(table, self._directory / f"{self._index:06d}.parquet", compression="zstd")
        self._waiting = []
