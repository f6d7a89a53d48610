"""Which frames nobody could look at, and why."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from api_client.contract import ChunkMarker, ChunkSpec, Source
from api_client.contract.marker import Gap

Detected = tuple[ChunkSpec, ChunkMarker]
"""A part and how looking at it ended."""


def gaps_of(footage: Source, parts: Iterable[Detected]) -> tuple[Gap, ...]:
    """Return the gaps in order: given-up parts whole, and runs of frames that cannot be decoded."""
    return tuple(gap for chunk, marker in parts for gap in _gaps_of_part(footage, chunk, marker))


def _gaps_of_part(footage: Source, chunk: ChunkSpec, marker: ChunkMarker) -> Iterator[Gap]:
    if marker.outcome == "failed":
        frames = chunk.frame_indices
        reason = marker.reason or "the chunk was given up"
        yield Gap(first_frame=frames[0], last_frame=frames[-1], reason=reason)
        return
    for first, last in runs_of(marker.unreadable_frames):
        yield Gap(
            first_frame=first, last_frame=last, reason=f"{_named(footage, first, last)} cannot be decoded"
        )


def _named(footage: Source, first: int, last: int) -> str:
    if not footage.pictures:
        return "the frames"
    return ", ".join(picture.name for picture in footage.pictures[first : last + 1])


def runs_of(frames: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of every run of consecutive frames."""
    for _, group in groupby(enumerate(frames), key=lambda pair: pair[1] - pair[0]):
        run = [frame for _, frame in group]
        yield run[0], run[-1]
