"""Reading a job's log back, as the Parquet export wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_client.contract.detection_log import JOB_SCHEMA
from api_client.errors import IntegrityError
from api_client.log.boxes import LoggedBox
from api_client.log.exports.parquet import read_description
from api_client.log.gathered import batches_of


@dataclass(frozen=True, kw_only=True)
class StoredLog:
    """`detections.parquet` of a finished job."""

    path: Path
    description: dict[str, Any]
    """What produced it."""

    def boxes(self) -> Iterator[LoggedBox]:
        """Yield its rows in order, a bounded number in memory."""
        for batch in batches_of(self.path, JOB_SCHEMA.names):
            columns = [column.to_pylist() for column in batch.columns]
            yield from map(LoggedBox._make, zip(*columns, strict=True))


def read_merged(path: Path) -> StoredLog:
    """Open a job's log; raise `IntegrityError` where another version wrote it."""
    description = read_description(path)
    if description is None:
        raise IntegrityError("the job's log is of an older version: submit the video again")
    return StoredLog(path=path, description=description)
