"""The chunks' logs, one after the other, as one file that is quick to read twice."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from api_client.contract.detection_log import SCHEMA, read_log

_ROWS_PER_GROUP = 65_536
_NUMBERS = ("confidence", "x_min", "y_min", "x_max", "y_max")


class GatheredLog:
    """Appends small logs to one whose row groups are large. A context manager; complete once left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lowest_confidence = 1.0
        """Of all rows; 1 where there is none."""
        self.rows_left_out = 0
        """Rows whose box or confidence is no finite number: nothing that could be drawn or followed."""
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> "GatheredLog":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def append(self, chunk_log: Path) -> None:
        """Add the log of the next chunk."""
        for batch in read_log(chunk_log):
            rows = self._usable(batch)
            if rows.num_rows:
                self.lowest_confidence = min(self.lowest_confidence, pc.min(rows["confidence"]).as_py())
            self._waiting.append(rows)
            self._rows += rows.num_rows
            if self._rows >= _ROWS_PER_GROUP:
                self._flush()

    def _usable(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        finite = np.isfinite([batch[name].to_numpy() for name in _NUMBERS]).all(axis=0)
        if finite.all():
            return batch
        self.rows_left_out += int((~finite).sum())
        return batch.filter(pa.array(finite))

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, schema=SCHEMA))
        self._waiting, self._rows = [], 0


def batches_of(log: Path, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the log's rows in order, a bounded number at a time."""
    with pq.ParquetFile(log) as opened:
        yield from opened.iter_batches(batch_size=_ROWS_PER_GROUP, columns=columns)
