"""How a log is told as a video."""

from fractions import Fraction
from typing import Self

from pydantic import Field, model_validator

from api_client.contract.model import Document, OneLine
from api_client.contract.styles import REDACTING, Style
from api_client.contract.zones import Line, Zone

HIDDEN_SECONDS = Fraction(1, 5)
"""How long before and after it is seen something stays hidden."""
TRAIL_SECONDS = 2
"""How long a trail is."""


class Rendering(Document):
    """What is drawn, and how."""

    style: Style = "boxes"
    only: tuple[OneLine, ...] = ()
    """Labels that are shown; empty for all."""
    threshold: float | None = Field(default=None, ge=0, le=1)
    """Least confidence of a detection, or of a track at its best, that is shown; None for the job's."""
    trails: bool = False
    """Whether the way of each track is drawn."""
    sound: bool = True
    """Whether sound and subtitles are kept."""
    zones: tuple[Zone, ...] = ()
    """Areas that are drawn over the picture, whatever the style."""
    lines: tuple[Line, ...] = ()
    """Lines likewise, with an arrow to their right-hand side."""

    @property
    def redacts(self) -> bool:
        """Whether what was found must not be recognisable."""
        return self.style in REDACTING

    @model_validator(mode="after")
    def _check_trails_have_boxes(self) -> Self:
        if self.trails and self.style != "boxes":
            raise ValueError("trails are drawn with boxes only")
        return self
