"""Which frames nobody could look at, and why."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from api_client.contract.marker import Gap
from tasks.reduce.chunk_outputs import FinishedChunk


def gaps_of(chunks: Iterable[FinishedChunk]) -> tuple[Gap, ...]:
    """Return the gaps in order: given-up chunks whole, and runs of frames that cannot be decoded."""
    return tuple(gap for finished in chunks for gap in _gaps_of_chunk(finished))


def _gaps_of_chunk(finished: FinishedChunk) -> Iterator[Gap]:
    if not finished.is_done:
        frames = finished.chunk.frame_indices
        reason = finished.marker.reason or "the chunk was given up"
        yield Gap(first_frame=frames[0], last_frame=frames[-1], reason=reason)
        return
    numbered = enumerate(finished.marker.unreadable_frames)
    for _, group in groupby(numbered, key=lambda pair: pair[1] - pair[0]):
        run = [frame for _, frame in group]
        yield Gap(first_frame=run[0], last_frame=run[-1], reason="the frames cannot be decoded")
