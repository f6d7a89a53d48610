"""Which frames go through the detector together: decided by the chunk and the job alone.

A detector's float noise depends on what is in a batch, so the same chunk has to be batched the same way
whoever works on it and however fast its frames arrive.
"""

from collections.abc import Callable, Iterable, Iterator

from api_client.contract import VideoSpec
from api_client.media.frames.decode import DecodedFrame

BATCH_BYTES = 192 * 2**20
"""Of pixels held in one batch, at most (but one frame, at least): 32 frames of 1080p."""


def frames_per_batch(video: VideoSpec, *, looked_at: int, every: int) -> int:
    """How many consecutive frames make a batch: `looked_at` of them are looked at, if memory allows."""
    frame_bytes = 3 * video.width_px * video.height_px
    return min(looked_at * every, max(1, BATCH_BYTES // frame_bytes))


def batches(
    frames: Iterable[DecodedFrame],
    *,
    looked_at: int,
    at_most: int,
    is_looked_at: Callable[[DecodedFrame], bool],
) -> Iterator[list[DecodedFrame]]:
    """Group consecutive frames of one size; a batch ends with its last to look at, or when it is full."""
    batch: list[DecodedFrame] = []
    count = 0
    for frame in frames:
        if batch and batch[0].rgb.shape != frame.rgb.shape:
            yield batch
            batch, count = [], 0
        batch.append(frame)
        count += is_looked_at(frame)
        if count == looked_at or len(batch) == at_most:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch
