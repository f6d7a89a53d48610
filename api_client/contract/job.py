"""What the user asked for."""

from typing import Annotated

from pydantic import Field

from api_client.contract.model import Count, Document, OneLine
from vocabularies import Vocabulary

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SourceSpec(Document):
    """The input file, as it was when it was submitted."""

    file_name: str = Field(pattern=r"^[^/\x00]{1,255}$")
    """Without its directory: no part of it can name another place."""
    size_bytes: Count
    container: OneLine
    """FFmpeg's name of the format, e.g. "mov,mp4,m4a,3gp,3g2,mj2"."""


class DetectorSpec(Document):
    """Which detector runs, with which weights."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:,/-]{0,499}$")
    weights_digest: Sha256 | None = None
    """Of weights the user gave, stored once under `keys.weights`; None for the detector's own."""


class JobSpec(Document):
    """Everything that decides a job's result, besides the video."""

    vocabulary: Vocabulary
    detector: DetectorSpec
    threshold: float | None = Field(default=None, ge=0, le=1)
    """Lowest confidence kept; None for the detector's own default."""
    every: int = Field(default=1, ge=1, lt=1 << 63)
    """Detect on frames whose index is a multiple of this; the frames between show the last detections."""
    regions_per_frame: int = Field(default=0, ge=0, le=1000)
    """How many class-agnostic regions to keep per frame, so that other words can be asked later."""

    def is_sampled(self, frame_index: int, chunk_first_frame: int) -> bool:
        """Whether the detector looks at this frame: every n-th, and the first of a chunk.

        The first of a chunk always, so that a chunk's drawing never needs its neighbour.
        """
        return frame_index % self.every == 0 or frame_index == chunk_first_frame
