"""What the user asked for."""

from pydantic import Field, field_validator

from api_client.contract.export_names import EXPORT_NAMES
from api_client.contract.model import Document, Sha256
from api_client.contract.rendering import Rendering
from api_client.contract.tiling import Tiling
from vocabularies import Vocabulary


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
    """Lowest confidence shown; None for the detector's own default."""
    every: int = Field(default=1, ge=1, lt=1 << 63)
    """Detect on frames whose index is a multiple of this; the frames between show the last detections."""
    tiles: Tiling | None = None
    """Parts of a frame that are looked at one by one, beside the whole of it; None for the whole alone."""
    regions_per_frame: int = Field(default=0, ge=0, le=1000)
    """How many class-agnostic regions to keep per frame, so that other words can be asked later."""

    tracks: bool = True
    """Whether objects are followed from frame to frame."""
    rendering: Rendering | None = Rendering()
    """How the video is made; None where nobody wants one."""
    exports: tuple[str, ...] = ()
    """Formats to write besides those every job writes; of `EXPORT_NAMES`."""

    @field_validator("exports")
    @classmethod
    def _check_exports(cls, exports: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in exports if name not in EXPORT_NAMES]
        if unknown:
            raise ValueError(f"there is no format {unknown[0]!r}: there are {', '.join(EXPORT_NAMES)}")
        return exports

    def is_sampled(self, frame_index: int, chunk_first_frame: int) -> bool:
        """Whether the detector looks at this frame: every n-th, and the first of a chunk.

        The first of a chunk always, so that a chunk's drawing never needs its neighbour.
        """
        return frame_index % self.every == 0 or frame_index == chunk_first_frame
