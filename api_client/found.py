"""What a job found, word by word: read from the summary among its results."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_client.errors import IntegrityError

_HINT_STEP = 0.05
_LEAST_HINT = 0.1
"""Below this nearly everything would be found."""


@dataclass(frozen=True, kw_only=True)
class FoundWord:
    """One word of the vocabulary that was found."""

    word: str
    frames: int
    """In how many frames, or pictures."""
    objects: int | None
    """How many distinct things, where they were followed from frame to frame."""
    first_seen_seconds: float | None
    """None of pictures."""
    last_seen_seconds: float | None
    highest_confidence: float
    best_in: str | None = None
    """Of pictures: where it was seen best."""


@dataclass(frozen=True, kw_only=True)
class MissedWord:
    """One word of the vocabulary that was not found."""

    word: str
    best_score: float | None
    """Below the threshold; None where nothing was like it at all."""
    told_as: str | None = None
    """The word its boxes have in the log, where the tracks they are part of were mostly something else."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of each word: the found by falling number of frames, the missed by falling score."""

    words: tuple[FoundWord, ...]
    missed: tuple[MissedWord, ...]

    @property
    def threshold_hint(self) -> float | None:
        """A threshold at which the nearest missed word would have been found; None where none came near."""
        best = max((word.best_score or 0.0 for word in self.missed if word.told_as is None), default=0.0)
        hint = round(math.floor(best / _HINT_STEP + 1e-9) * _HINT_STEP, 2)
        return hint if hint >= _LEAST_HINT else None


def read_found(directory: Path) -> Found:
    """Read `summary.json` in a directory of results. Raises `IntegrityError` where it is none."""
    path = directory / "summary.json"
    try:
        summary = json.loads(path.read_bytes())
        near, told = summary.get("near_misses", {}), summary.get("told_as", {})
        missed = [
            MissedWord(word=word, best_score=near.get(word), told_as=told.get(word))
            for word in summary["not_found"]
        ]
        return Found(
            words=tuple(_found(word, counted) for word, counted in summary["classes"].items()),
            missed=tuple(sorted(missed, key=lambda word: -(word.best_score or 0.0))),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(f"{path} is no summary of a job ({error}): fetch the results again") from None


def _found(word: str, counted: dict[str, Any]) -> FoundWord:
    return FoundWord(
        word=word,
        frames=counted["frames"],
        objects=counted.get("objects"),
        first_seen_seconds=counted.get("first_seen_seconds"),
        last_seen_seconds=counted.get("last_seen_seconds"),
        highest_confidence=counted["highest_confidence"],
        best_in=counted.get("best_in"),
    )
