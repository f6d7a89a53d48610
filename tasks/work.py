"""What tasks ask of those who look at frames and draw into them: `workers` fulfils it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from api_client.contract import ChunkSpec, Gap, JobSpec, Manifest
from api_client.contract.marker import AskedRegions
from api_client.store.protocol import ObjectStore

Heartbeat = Callable[[int], None]
"""Called now and then with the number of frames finished so far.

Raises `JobCancelledError` or `WorkerStoppingError` when the work is to stop: let it pass.
"""


@dataclass(frozen=True, kw_only=True)
class DetectWork:
    """One part to look at, with everything needed for it."""

    manifest: Manifest
    chunk: ChunkSpec
    video_path: Path
    """The part's file, already fetched and checked against its sha256."""
    output_dir: Path
    """Empty; the outputs go here: `detections.parquet`, and `regions.parquet` where asked for.

    The bytes of every file are a function of (job, part) alone. Removed by the caller.
    """
    store: ObjectStore
    """For what jobs share: embeddings and weights."""
    heartbeat: Heartbeat
    lock: Callable[[str], AbstractContextManager[None]]
    """A named lock across all workers, to avoid work done twice; correctness never depends on it."""


@dataclass(frozen=True, kw_only=True)
class DetectOutput:
    """What came of looking at a part."""

    detection_count: int
    """At or above their thresholds."""
    unreadable_frames: tuple[int, ...]
    """Indices in the whole video of frames the decoder could not produce."""
    seconds_by_stage: Mapping[str, float]
    """Busy time: decode, detect."""
    detector_weights_digest: str
    detector_facts: Mapping[str, Any] = field(default_factory=dict)
    """What the detector says of how it looked, for the provenance: plain JSON values."""
    notes: tuple[str, ...] = ()
    """For people: what is wrong with single pictures, what the detector cannot do of what was asked."""
    threshold: float | None = None
    """Lowest confidence shown: what the job asked for, or the detector's own."""
    near_misses: Mapping[str, float] = field(default_factory=dict)
    """Label → best score below the threshold, of labels not found in this part; the highest hundred."""
    batch_frames: int = 0
    """Frames the detector looked at at once, for monitoring."""
    device_memory_bytes: int | None = None
    """The most memory held on the GPU meanwhile; None on a CPU."""


@dataclass(frozen=True, kw_only=True)
class EmbedWork:
    """Words to embed."""

    job: JobSpec
    """Whose words, and by the text encoder of which detector."""
    store: ObjectStore
    heartbeat: Heartbeat
    lock: Callable[[str], AbstractContextManager[None]]
    """As that of `DetectWork`."""


@dataclass(frozen=True, kw_only=True)
class AskWork:
    """One part whose kept regions are asked for words."""

    manifest: Manifest
    """Of the job that asks."""
    then: Manifest
    """Of the job whose detector looked."""
    threshold_then: float | None
    """Lowest confidence it showed of words without a threshold of their own."""
    index_path: Path
    """Its regions of the part."""
    log_path: Path
    """What it found in the part."""
    output_dir: Path
    """Empty; `detections.parquet` goes here, whose bytes are a function of (job, part) alone."""
    store: ObjectStore
    """Where the embeddings of the words are."""


@dataclass(frozen=True, kw_only=True)
class AskOutput:
    """What came of asking."""

    detection_count: int
    """At or above their thresholds."""
    threshold: float
    """Lowest confidence shown."""
    near_misses: Mapping[str, float]
    """As those of `DetectOutput`."""
    asked: AskedRegions
    seconds_by_stage: Mapping[str, float]
    """Busy time: ask."""


@dataclass(frozen=True, kw_only=True)
class RenderWork:
    """One part to draw."""

    manifest: Manifest
    chunk: ChunkSpec
    video_path: Path | None
    """The part's file, checked against its sha256; None where it is gone: its frames are black."""
    rows: Mapping[int, Path]
    """Part → what the log says of it, as Parquet of `JOB_SCHEMA`; parts in which nothing is have none."""
    gaps: tuple[Gap, ...]
    """Frames nobody looked at, in the whole video."""
    output_dir: Path
    """Empty; `segment.mp4`, or `pictures.zip`, goes here.

    Its bytes are a function of the job's log and the part alone.
    """
    heartbeat: Heartbeat


@dataclass(frozen=True, kw_only=True)
class RenderOutput:
    """What came of drawing a part."""

    unreadable_frames: tuple[int, ...]
    """Indices in the whole video of frames the decoder could not produce: black, or the one before again."""
    seconds_by_stage: Mapping[str, float]
    """Busy time: decode, draw, encode."""


class Processors(Protocol):
    """One per process; models stay loaded. All raise `HoratioError`s; anything else is a bug."""

    @property
    def device(self) -> str:
        """What detectors run on, for people."""
        ...

    def warm_up(self) -> None:
        """Load what the first part to look at will need. Optional: the first part would do it."""
        ...

    def detect(self, work: DetectWork) -> DetectOutput:
        """Look at a part."""
        ...

    def embed(self, work: EmbedWork) -> None:
        """Store the embeddings of words, unless they are stored."""
        ...

    def ask(self, work: AskWork) -> AskOutput | None:
        """Ask words of a part's regions; None where their embeddings are not in the store."""
        ...

    def render(self, work: RenderWork) -> RenderOutput:
        """Draw a part."""
        ...
