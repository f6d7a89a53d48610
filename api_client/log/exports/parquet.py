"""`detections.parquet`: the canonical log, one row a box, with what produced it in its metadata."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api_client.contract.detection_log import JOB_SCHEMA
from api_client.log.boxes import LoggedBox
from api_client.log.exports.protocol import ExportedJob
from api_client.log.frames import FrameRecord

METADATA_KEY = b"horatio"
_FILE_NAME = pa.field("file_name", pa.string(), nullable=False)
"""Of pictures only."""
_ROWS_PER_GROUP = 65_536


class Parquet:
    """An `Export`."""

    names = ("detections.parquet",)

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin."""
        described = json.dumps(dict(job.description), ensure_ascii=False, sort_keys=True, allow_nan=False)
        self._names = [picture.name for picture in job.manifest.footage.pictures]
        columns = [*JOB_SCHEMA, *([_FILE_NAME] if self._names else [])]
        self._schema = pa.schema(columns, metadata={METADATA_KEY: described.encode()})
        self._writer = pq.ParquetWriter(directory / self.names[0], self._schema, compression="zstd")
        self._rows: list[LoggedBox] = []

    def write(self, frame: FrameRecord) -> None:
        """Add a frame's rows."""
        self._rows.extend(frame.boxes)
        if len(self._rows) >= _ROWS_PER_GROUP:
            self._flush()

    def close(self) -> None:
        """Complete the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            values = list(zip(*self._rows, strict=True))
            if self._names:
                values.append(tuple(self._names[row.frame_index] for row in self._rows))
            columns = zip(self._schema, values, strict=True)
            arrays = [pa.array(values, type=field.type) for field, values in columns]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows = []


def read_description(log: Path) -> dict[str, Any] | None:
    """Return what produced a job's log, or None where the file does not say."""
    metadata = pq.read_schema(log).metadata or {}
    return json.loads(metadata[METADATA_KEY]) if METADATA_KEY in metadata else None
