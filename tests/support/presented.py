"""When frames are shown: for comparing an annotated video with its source without decoding either."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from api_client.media.source.probe import probe


def presented_seconds(path: Path) -> Iterator[Fraction]:
    """The exact presentation time of every frame a viewer gets to see, in order, on the file's own clock.

    Raises `MediaError` where the file is no video.
    """
    table = probe(path).table
    yield from (pts * table.time_base for pts in table.shown_pts.tolist())
