"""Presentation timestamps, stored as runs of constant step.

A constant frame rate is one run however long the video, so a manifest can state the exact pts of every
frame of two hours in a few bytes; a variable frame rate costs one run per change of step.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Self

from pydantic import model_validator

from api_client.contract.model import Document, Int64

_MOST_FRAMES = 1 << 31
"""A year at 60 frames a second; more is no video but a way to fill memory."""


class PtsRuns(Document):
    """A strictly increasing sequence of integers."""

    runs: tuple[tuple[Int64, Int64, Int64], ...]
    """(first pts, step, count), in order; count ≥ 1, step ≥ 1 (1 where count is 1)."""

    @model_validator(mode="after")
    def _check_increasing(self) -> Self:
        if any(step < 1 or count < 1 for _, step, count in self.runs):
            raise ValueError("every run needs a positive step and count")
        if sum(count for _, _, count in self.runs) > _MOST_FRAMES:
            raise ValueError(f"more than {_MOST_FRAMES} frames are no video")
        if any(first + step * (count - 1) >= 1 << 62 for first, step, count in self.runs):
            raise ValueError("timestamps end beyond what 64 bits hold")
        ends_and_starts = ((a + (n - 1) * s, b) for (a, s, n), (b, _, _) in pairwise(self.runs))
        if any(end >= start for end, start in ends_and_starts):
            raise ValueError("timestamps must increase")
        return self

    @classmethod
    def from_pts(cls, pts: Iterable[int]) -> Self:
        """Compress; raise `ValueError` where the timestamps do not strictly increase."""
        runs: list[list[int]] = []
        for value in pts:
            if runs and runs[-1][2] == 1 and value > runs[-1][0]:
                runs[-1][1:] = [value - runs[-1][0], 2]
            elif runs and value == runs[-1][0] + runs[-1][1] * runs[-1][2]:
                runs[-1][2] += 1
            else:
                runs.append([value, 1, 1])
        return cls(runs=tuple((first, step, count) for first, step, count in runs))

    def __iter__(self) -> Iterator[int]:  # type: ignore[override]  # a sequence first, a model second
        for first, step, count in self.runs:
            yield from range(first, first + step * count, step)

    def __len__(self) -> int:
        return sum(count for _, _, count in self.runs)
