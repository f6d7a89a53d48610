"""From the child of a pool, which does the work, to its parent, which is asked about it.

The child may be killed at any moment, so no lock is involved that it could take with it: it writes one line
into a pipe, and the kernel writes a line of at most `PIPE_BUF` bytes whole or not at all.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from select import PIPE_BUF
from typing import Any, Self

from api_client.contract import ChunkMarker, ChunkSpec, Stage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ChunkReport:
    """What monitoring wants to know of a finished chunk."""

    stage: str
    """`ask`, `detect` or `render`."""
    outcome: str
    """`done` or `failed`."""
    frames: int
    detections: int
    unreadable_frames: int
    retries: int
    """Attempts before the last."""
    seconds_by_stage: Mapping[str, float]
    """Busy time: fetch, decode, detect, draw, encode, put."""

    @classmethod
    def of(cls, stage: Stage, chunk: ChunkSpec, marker: ChunkMarker) -> Self:
        """Return the figures of a chunk that is being committed."""
        return cls(
            stage=stage,
            outcome=marker.outcome,
            frames=chunk.frame_count,
            detections=marker.detection_count,
            unreadable_frames=len(marker.unreadable_frames),
            retries=marker.attempts - 1,
            seconds_by_stage=marker.seconds_by_stage,
        )


@dataclass(frozen=True, kw_only=True)
class DeviceReport:
    """What a worker computes with."""

    batch_frames: int
    """Frames the detector looks at at once."""
    memory_bytes: int | None
    """The most that was allocated on the device during the last chunk; None on a CPU."""


Report = ChunkReport | DeviceReport


class ReportPipe:
    """Made in the parent, before it forks."""

    def __init__(self) -> None:
        self._read_fd, self._write_fd = os.pipe()
        os.set_blocking(self._write_fd, False)  # of these processes the worker is the one not to keep waiting

    def send(self, report: Report) -> None:
        """Tell the parent; while it does not listen, reports are lost and the work goes on."""
        line = json.dumps({type(report).__name__: asdict(report)}).encode() + b"\n"
        assert len(line) <= PIPE_BUF, "a longer line could be mixed with another's"
        try:
            os.write(self._write_fd, line)
        except BlockingIOError:
            logger.warning("the figures of a chunk are lost to monitoring: the pipe is full")

    def receive(self) -> Iterator[Report]:
        """Yield what is sent, for ever. For one thread of the parent."""
        with os.fdopen(self._read_fd, "rb") as lines:
            for line in lines:
                yield _parsed(json.loads(line))


def _parsed(message: Mapping[str, Any]) -> Report:
    ((kind, figures),) = message.items()
    return ChunkReport(**figures) if kind == ChunkReport.__name__ else DeviceReport(**figures)
