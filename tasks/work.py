"""What a detect task asks of whatever processes chunks. `workers` fulfils it; nothing here knows torch."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from api_client.contract import ChunkSpec, Manifest
from api_client.store.protocol import ObjectStore


@dataclass(frozen=True, kw_only=True)
class ChunkWork:
    """One chunk to process, with everything needed for it."""

    manifest: Manifest
    chunk: ChunkSpec
    video_path: Path
    """The chunk's file, already fetched and checked against its sha256."""
    output_dir: Path
    """Empty; the outputs go here. Removed by the caller."""
    store: ObjectStore
    """For what jobs share: embeddings and weights."""
    heartbeat: Callable[[int], None]
    """Called once a batch with the number of frames finished so far.

    Raises `JobCancelledError` or `WorkerStoppingError` when the work is to stop: let it pass.
    """
    lock: Callable[[str], AbstractContextManager[None]]
    """A named lock across all workers, to avoid work done twice; correctness never depends on it."""


@dataclass(frozen=True, kw_only=True)
class ChunkOutput:
    """What came of a chunk. The bytes of every file are a function of (job, chunk) alone."""

    files: tuple[Path, ...]
    """In `output_dir`: `detections.parquet`, `segment.mp4`, and `regions.safetensors` where asked for."""
    detection_count: int
    unreadable_frames: tuple[int, ...]
    """Indices in the whole video of frames the decoder could not produce."""
    seconds_by_stage: Mapping[str, float]
    """Busy time: decode, detect, draw, encode."""
    detector_weights_digest: str
    threshold: float | None = None
    """Lowest confidence kept: what the job asked for, or the detector's own."""
    near_misses: Mapping[str, float] = field(default_factory=dict)
    """Label → best score below the threshold, of labels not found in this chunk; the highest hundred."""
    batch_frames: int = 0
    """Frames the detector looked at at once, for monitoring."""
    device_memory_bytes: int | None = None
    """The most memory held on the GPU meanwhile; None on a CPU."""


class ChunkProcessor(Protocol):
    """Turns one chunk into its outputs. One per process; models stay loaded between calls."""

    @property
    def device(self) -> str:
        """What detectors run on, for people."""
        ...

    def warm_up(self) -> None:
        """Load what the first chunk will need. Optional: the first chunk would do it."""
        ...

    def __call__(self, work: ChunkWork) -> ChunkOutput:
        """Process the chunk. Raises `HoratioError`s; anything else is a bug and counts as an attempt."""
        ...
