"""Verification: every frame of the input is in the log and in the annotated video, once, with its time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

from api_client.errors import MediaError
from api_client.media.presented import presented_seconds

_SHOWN = 10
_TOLERANCE_SECONDS = Fraction(1, 1_000_000)
"""A source timed in nanoseconds is annotated in microseconds; no two frames are this close."""


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """What was compared, and how it differs."""

    frames: int
    """In the input."""
    differences: tuple[str, ...]
    """In words; at most ten of each kind."""

    def describe(self) -> str:
        """Return one line."""
        if self.differences:
            return f"{len(self.differences)} differences in {self.frames} frames"
        return f"verified: all {self.frames} frames are in the log and in the annotated video, once, in time"


def verify_result(source: Path, results: Path) -> VerifyReport:
    """Compare an input with what `fetch` wrote. Raises `MediaError` where a file is missing or unreadable."""
    expected = _times(source)
    video = _annotated_video(results)
    log = _existing(results / "detections.jsonl")
    differences = [
        *_compare("annotated video", expected, _times(video)),
        *_compare_log(expected, log),
        *_compare_text(len(expected), _existing(results / "detections.txt")),
    ]
    return VerifyReport(frames=len(expected), differences=tuple(differences))


def _times(path: Path) -> list[Fraction]:
    """When each frame is shown, in seconds since the first."""
    times = list(presented_seconds(path))
    return [time - times[0] for time in times]


def _annotated_video(results: Path) -> Path:
    found = sorted(results.glob("*-annotated.*"))
    if len(found) != 1:
        raise MediaError(
            f"{str(results)!r} holds {len(found)} annotated videos: name a directory `fetch` wrote"
        )
    return found[0]


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise MediaError(f"there is no {path.name} in {str(path.parent)!r}: name a directory `fetch` wrote")
    return path


def _compare(what: str, expected: list[Fraction], found: list[Fraction]) -> Iterator[str]:
    if len(expected) != len(found):
        yield f"the {what} has {len(found)} frames, the input {len(expected)}"
    pairs = enumerate(zip(expected, found, strict=False))
    wrong = [(i, a, b) for i, (a, b) in pairs if abs(a - b) > _TOLERANCE_SECONDS]
    for index, wanted, got in wrong[:_SHOWN]:
        yield f"frame {index} of the {what} is shown at {float(got):.6f} s instead of {float(wanted):.6f} s"


def _compare_log(expected: list[Fraction], log: Path) -> Iterator[str]:
    with log.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    numbers = [record["frame_index"] for record in records]
    if numbers != list(range(len(expected))):
        yield f"{log.name} lists {len(numbers)} frames, not each of {len(expected)} once and in order"
    wrong = (
        index
        for index, (record, wanted) in enumerate(zip(records, expected, strict=False))
        if abs(record["time_seconds"] - float(wanted)) > 1e-5
    )
    for index, _ in zip(wrong, range(_SHOWN), strict=False):
        yield f"{log.name} gives another time for frame {index}"


def _compare_text(frames: int, text: Path) -> Iterator[str]:
    with text.open(encoding="utf-8") as lines:
        numbers = [line.split("\t", 1)[0] for line in lines]
    for index, (got, wanted) in enumerate(zip_longest(numbers, map(str, range(frames)))):
        if got != wanted:
            yield f"line {index + 1} of {text.name} is for frame {got}, not {wanted}"
            return
