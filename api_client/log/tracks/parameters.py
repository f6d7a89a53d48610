"""The tracker's numbers, from what the job is."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from api_client.contract import Manifest

_STEADY_SECONDS = Fraction(1, 5)
_REMEMBERED_SECONDS = 1
_FILLED_SECONDS = Fraction(4, 5)  # the 20 frames of ByteTrack's authors, at 25 a second
_BIRTH_SHARE = 1 / 9
"""At the pocket detector's threshold, .55, a track is born at .60: both are measured (docs/tracks.md)."""


@dataclass(frozen=True, kw_only=True)
class TrackerParameters:
    """A step is one frame that is looked at: with `--every 5`, five frames."""

    every: int = 1
    """Frames from one step to the next."""
    sure_confidence: float = 0.6
    """From here a detection is sure: it is matched first, and alone may begin a track."""
    remembered_steps: int = 30
    """How long a track that is not seen waits for its object."""
    filled_frames: int = 15
    """Longest distance, in frames, between two detections of a track that is filled."""
    sightings_needed: int = 5
    """Fewer detections are no track: their rows stay, with no identity."""

    @classmethod
    def of(cls, manifest: Manifest, *, lowest_confidence: float) -> Self:
        """Choose them for a job.

        lowest_confidence: the job's threshold, or where it names none the lowest confidence logged.
        """
        return cls.at(
            Fraction(*manifest.video.average_rate),
            every=manifest.job.every,
            frames=manifest.video.frame_count,
            lowest_confidence=lowest_confidence,
        )

    @classmethod
    def at(cls, rate: Fraction, *, every: int, frames: int, lowest_confidence: float) -> Self:
        """Choose them for so many frames at a rate a second; the rest as in `of`."""
        steps_per_second, steps = rate / every, -(-frames // every)
        wanted = min(5, max(2, round(_STEADY_SECONDS * steps_per_second)))
        return cls(
            every=every,
            sure_confidence=lowest_confidence + (1 - lowest_confidence) * _BIRTH_SHARE,
            remembered_steps=max(2, round(_REMEMBERED_SECONDS * steps_per_second)),
            filled_frames=max(2 * every, round(_FILLED_SECONDS * rate)),
            sightings_needed=min(wanted, steps),
        )
