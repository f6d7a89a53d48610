"""The log, frame by frame: what each frame of the video is said to contain."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa

from api_client.contract import Manifest
from tasks.reduce.chunk_outputs import FinishedChunk


@dataclass(frozen=True, kw_only=True)
class FrameRecord:
    """One frame of the video, and what is known of it."""

    frame_index: int
    pts: int
    time_seconds: float
    """Since frame 0."""
    unseen: str | None
    """Why no detector looked at this frame; None where one did."""
    detections: tuple[dict[str, Any], ...]
    """Rows of the detection log, best first; empty where nothing was found or nobody looked."""


def frames_of_chunk(
    manifest: Manifest, finished: FinishedChunk, rows: Iterator[dict[str, Any]]
) -> Iterator[FrameRecord]:
    """Join a chunk's frames with its rows, which are in frame order."""
    rows_left = _Rewindable(rows)
    unreadable = frozenset(finished.marker.unreadable_frames)
    chunk = finished.chunk
    for frame_index, pts in zip(chunk.frame_indices, chunk.pts, strict=True):
        yield FrameRecord(
            frame_index=frame_index,
            pts=pts,
            time_seconds=manifest.video.time_seconds(pts),
            unseen=_why_unseen(manifest, finished, frame_index, unreadable),
            detections=tuple(rows_left.take(frame_index)),
        )
    assert rows_left.is_empty(), f"chunk {chunk.index} logs frames it does not have"


def rows_of(batches: Iterator[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    """Yield the log's rows without their masks."""
    return chain.from_iterable(batch.drop_columns(["mask"]).to_pylist() for batch in batches)


def _why_unseen(
    manifest: Manifest, finished: FinishedChunk, frame_index: int, unreadable: frozenset[int]
) -> str | None:
    if not finished.is_done:
        return finished.marker.reason or "the chunk was given up"
    if frame_index in unreadable:
        return "the frame cannot be decoded"
    if not manifest.job.is_sampled(frame_index, finished.chunk.first_frame):
        return f"only one frame in {manifest.job.every} is looked at"
    return None


class _Rewindable:
    """Rows in order, taken frame by frame."""

    def __init__(self, rows: Iterator[dict[str, Any]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, frame_index: int) -> Iterator[dict[str, Any]]:
        while self._next is not None and self._next["frame_index"] == frame_index:
            yield self._next
            self._next = next(self._rows, None)

    def is_empty(self) -> bool:
        return self._next is None
