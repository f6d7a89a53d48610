"""What an index of regions says of itself: what looked, at what, and how it is kept."""

from fractions import Fraction
from typing import Literal

from pydantic import Field, field_validator

from api_client.contract.model import Document, Int64, OneLine, Ratio, Sha256
from api_client.log.regions.layout import Segment
from vocabularies.phrase import COLOURS


class IndexHeader(Document):
    """The metadata of `regions.parquet`, as JSON under `METADATA_KEY`."""

    version: Literal[1] = 1
    detector: OneLine
    """Its name, as given to `client submit -d`."""
    weights_digest: Sha256
    """Of the detector's weights: features of other weights cannot be compared with these."""
    text_encoder: OneLine
    """Whose sentences can be asked of the features; `TextEncoder.identity`."""
    layout: tuple[Segment, ...] = Field(min_length=1)
    """Of a look."""
    width_px: int = Field(ge=1)
    """Of a displayed frame."""
    height_px: int = Field(ge=1)
    time_base: Ratio
    """Seconds per unit of pts."""
    first_pts: Int64
    """Of frame 0 of the whole video."""
    most_regions: int = Field(ge=1)
    """Kept of one frame."""
    least_objectness: float = Field(ge=0, le=1)
    """Regions below it were not kept: they could not even be logged."""
    lowest_threshold: float = Field(ge=0, le=1)
    """Down to this confidence nothing that could be found is left out."""
    sure_objectness: float = Field(ge=0, le=1)
    """From here on what a region looks like is kept; things that never come up to it are left out."""
    looks_per_second: float = Field(gt=0)
    """How often what things look like is kept; in pictures of all."""
    colours: tuple[OneLine, ...] = ()
    """Of which it is known how much of a region has them; none where an earlier version looked."""
    of_pictures: bool = False
    """Whether frames are pictures that have nothing to do with each other."""

    @field_validator("colours")
    @classmethod
    def _are_ours(cls, colours: tuple[str, ...]) -> tuple[str, ...]:
        if colours not in ((), COLOURS):
            raise ValueError("of colours this version knows all eleven, or none are kept")
        return colours

    @property
    def pixels_per_step(self) -> float:
        """Corners are kept in steps of this many pixels."""
        return max(self.width_px, self.height_px) / STEPS_PER_SIDE

    def time_seconds(self, pts: int) -> float:
        """Seconds since frame 0."""
        return float((pts - self.first_pts) * Fraction(*self.time_base))


STEPS_PER_SIDE = 4096
"""Of the longer side: half a pixel of a frame 1920 wide."""
