"""When frames are shown: for comparing an annotated video with its source without decoding either."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

from api_client.media.probe import SourceVideo, probe


def presented_seconds(path: Path) -> Iterator[Fraction]:
    """The exact presentation time of every frame a viewer gets to see, in order, on the file's own clock.

    Raises `MediaError` where the file is no video.
    """
    yield from presented_seconds_of(probe(path))


def presented_seconds_of(source: SourceVideo) -> Iterator[Fraction]:
    """The same for a file that was probed already."""
    return (pts * source.table.time_base for pts in source.table.shown_pts.tolist())


def first_difference(expected: Iterator[Fraction], found: Iterator[Fraction]) -> str | None:
    """Compare two sequences of times, each counted from its first frame: where they part, or None."""
    starts: tuple[Fraction, Fraction] | None = None
    for index, (left, right) in enumerate(zip_longest(expected, found)):
        if left is None or right is None:
            return f"frame {index} of the {'first' if right is None else 'second'} has no counterpart"
        starts = starts or (left, right)
        left, right = left - starts[0], right - starts[1]
        if left != right:
            return f"frame {index} is shown at {float(left):.6f} s and at {float(right):.6f} s"
    return None
