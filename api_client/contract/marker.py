"""Commit markers: the last object written, whose presence means that all before it is there."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue

from api_client.contract.digest import file_sha256
from api_client.contract.ids import JobId
from api_client.contract.model import Count, Document, OneLine, Sha256
from api_client.contract.picture import PICTURES, PictureFile

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""Of a file right below a prefix or a directory: it can name no other place."""


class StoredFile(Document):
    """One object and what its bytes must be."""

    name: FileName
    size_bytes: Count
    sha256: Sha256

    @classmethod
    def of(cls, path: Path) -> Self:
        """Describe a file on disk."""
        return cls(name=path.name, size_bytes=path.stat().st_size, sha256=file_sha256(path))


class AskedRegions(Document):
    """How much there was to ask of."""

    looks_per_second: float = Field(gt=0)
    """How often what things look like was kept."""
    most_regions: int = Field(ge=1)
    """Kept of one frame."""
    lowest_threshold: float = Field(ge=0, le=1)
    """Down to this confidence nothing that could be found was left out."""


class ChunkMarker(Document):
    """A part is finished in one stage: done with all its outputs, or given up."""

    outcome: Literal["done", "failed"]
    files: tuple[StoredFile, ...] = ()
    """The outputs, where done. Their bytes are a function of (job, part) alone."""
    reason: OneLine | None = None
    """Why the part was given up."""
    attempts: int = Field(default=1, ge=1)
    worker: OneLine
    """Name and process, for people: "detect-cuda1@host:4711"."""
    seconds_by_stage: dict[str, float] = Field(default_factory=dict)
    """Busy time of each step: fetch, decode, detect, put; or fetch, decode, draw, encode, put."""
    detection_count: Count = 0
    """From here on, what a detector looked at: 0, empty and None of rendered parts."""
    near_misses: dict[str, float] = Field(default_factory=dict)
    """Label → best score below the threshold, of labels not found in this chunk; the highest hundred."""
    unreadable_frames: tuple[Count, ...] = ()
    """Frames the decoder could not produce, shown as a repeat of the one before, never looked at."""
    detector_weights_digest: Sha256 | None = None
    detector_facts: dict[str, JsonValue] = Field(default_factory=dict)
    """What the detector said of how it looked."""
    notes: tuple[OneLine, ...] = ()
    """For people: what is wrong with single pictures, what the detector cannot do of what was asked."""
    threshold: float | None = Field(default=None, ge=0, le=1)
    """Lowest confidence shown, where a detector looked."""
    asked: AskedRegions | None = None
    """What was asked, where words were asked of regions that another job kept."""


class Gap(Document):
    """Frames nobody could look at."""

    first_frame: Count
    last_frame: Count
    """Inclusive."""
    reason: OneLine


class TrackMarker(Document):
    """The log of a job is there: what `track` wrote, and what came of it."""

    files: tuple[StoredFile, ...]
    """Below `result/`: the log in its formats, the tracks, the summary."""
    rows: tuple[StoredFile, ...]
    """Below `track/`: what is to be drawn in each part."""
    detection_count: Count
    gaps: tuple[Gap, ...] = ()
    notes: tuple[OneLine, ...] = ()
    """What the detectors' workers noted, for people: also what a detector cannot do of what was asked."""
    provenance: dict[str, object]
    """Source, vocabulary and its digest, detector and weights digest, threshold, versions."""


class JobResult(Document):
    """`job.json`: what was produced, and by what. Written last: the job is done."""

    state: Literal["completed", "completed_with_gaps", "failed"]
    job_id: JobId
    created_at: datetime
    finished_at: datetime
    files: tuple[StoredFile, ...]
    pictures: tuple[PictureFile, ...] = ()
    """Annotated pictures: in the store in `annotated.zip`, for people below `annotated/`."""
    frame_count: Count
    detection_count: Count
    gaps: tuple[Gap, ...] = ()
    notes: tuple[OneLine, ...] = ()
    reason: OneLine | None = None
    """Why the job failed."""
    provenance: dict[str, object]
    """Source, vocabulary and its digest, detector and weights digest, threshold, versions."""

    @property
    def is_of_pictures(self) -> bool:
        """Whether frames are pictures."""
        source = self.provenance.get("source")
        return isinstance(source, dict) and source.get("container") == PICTURES
