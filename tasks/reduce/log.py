"""Merging the chunks' logs into one, in one pass and in bounded memory."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from api_client.contract import Manifest
from api_client.contract.detection_log import SCHEMA, read_log
from api_client.contract.marker import Gap
from api_client.job_files import JobFiles
from tasks.reduce.chunk_outputs import FinishedChunk, fetched_one_by_one
from tasks.reduce.frames import frames_of_chunk, rows_of
from tasks.reduce.json_log import json_line
from tasks.reduce.summary import Summary
from tasks.reduce.text_log import text_line

_ROWS_PER_GROUP = 65_536


def merge_logs(
    files: JobFiles, manifest: Manifest, chunks: list[FinishedChunk], gaps: tuple[Gap, ...], directory: Path
) -> Summary:
    """Write `detections.parquet`, `.jsonl`, `.txt` and `summary.json` into the directory."""
    summary = Summary()
    with ExitStack() as stack:
        merged = stack.enter_context(_MergedParquet(directory / "detections.parquet"))
        jsonl = stack.enter_context((directory / "detections.jsonl").open("w", encoding="utf-8"))
        text = stack.enter_context((directory / "detections.txt").open("w", encoding="utf-8"))
        for finished, path in fetched_one_by_one(files, chunks, "detections.parquet", directory):
            if path is not None:
                merged.append(path)
            rows = rows_of(_batches(path))
            for frame in frames_of_chunk(manifest, finished, rows):
                jsonl.write(json_line(frame))
                text.write(text_line(frame))
                summary.add(frame)
    labels = manifest.job.vocabulary.labels
    described = [gap.model_dump() for gap in gaps]
    (directory / "summary.json").write_bytes(summary.to_bytes(labels=labels, gaps=described))
    return summary


def _batches(path: Path | None) -> Iterator[pa.RecordBatch]:
    if path is not None:
        yield from read_log(path)


class _MergedParquet:
    """Appends small logs to one whose row groups are large enough to be read quickly."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> "_MergedParquet":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def append(self, path: Path) -> None:
        for batch in read_log(path):
            self._waiting.append(batch)
            self._rows += batch.num_rows
            if self._rows >= _ROWS_PER_GROUP:
                self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, schema=SCHEMA))
        self._waiting, self._rows = [], 0
