"""What is searched for, and what comes of it, as client and searching process tell each other."""

from datetime import datetime

from pydantic import Field

from api_client.contract.ids import JobId
from api_client.contract.model import Document, OneLine
from api_client.contract.source import SourceId
from vocabularies import Vocabulary


class SearchRequest(Document):
    """What is searched for, and where."""

    vocabulary: Vocabulary
    jobs: tuple[JobId, ...] = ()
    """That looked; all of the store where none is named."""
    since: datetime | None = None
    """Jobs submitted before are left out. Aware."""
    threshold: float | None = Field(default=None, ge=0, le=1)
    """From which score on something counts; None for the default of the detector that looked."""
    top: int = Field(default=20, ge=1, le=100_000)
    """Moments of each word."""


class FoundMoment(Document):
    """When and where something was seen."""

    word: str
    score: float
    """The detector's own for the surest look, 0..1."""
    job_id: JobId
    source_id: SourceId
    source_name: str
    first_seconds: float
    """Of the thing, as long as it was seen without a break."""
    last_seconds: float
    best_seconds: float
    """Of the surest look."""
    part: int
    frame_index: int
    box_xyxy_px: tuple[float, float, float, float]
    """In the surest look, of the displayed frame."""
    picture: str | None = None
    """The name of the picture it is in, where the source is no video."""


class WordFound(Document):
    """What came of one word."""

    word: str
    moments: int
    """That were told apart, also beyond `top`: all of them, unless there are `more`."""
    more: bool = False
    things: int
    """As the detector saw them: more than moments, where one is several."""
    best_score: float | None = None
    """The highest below the threshold, where none came up to it; None where none came near."""


class SearchAnswer(Document):
    """What came of a request."""

    moments: tuple[FoundMoment, ...]
    """By falling score."""
    words: tuple[WordFound, ...]
    jobs: int
    """Searched."""
    sources: int
    looks: int
    """Asked in all."""
    notes: tuple[OneLine, ...] = ()
    """What was left out, and why, for people."""
