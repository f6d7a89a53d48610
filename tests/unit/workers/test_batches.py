"""Which frames go through the detector together."""

import numpy as np
import pytest

from api_client.media.frames.decode import DecodedFrame
from tests.manifests import manifest
from workers.batches import BATCH_BYTES, batches, frames_per_batch

VIDEO = manifest().video
PIXELS = np.zeros((1, 1, 3), np.uint8)


def frames(count: int) -> list[DecodedFrame]:
    return [DecodedFrame(frame_index=i, pts=i, rgb=PIXELS, readable=i % 7 != 3) for i in range(count)]


def test_batches_are_full_but_the_last():
    grouped = batches(frames(10), looked_at=4, at_most=100, is_looked_at=lambda _: True)

    assert [len(batch) for batch in grouped] == [4, 4, 2]


def test_only_frames_to_look_at_count():
    def every_third(frame: DecodedFrame) -> bool:
        return frame.frame_index % 3 == 0

    grouped = batches(frames(10), looked_at=2, at_most=100, is_looked_at=every_third)

    assert [[frame.frame_index for frame in batch] for batch in grouped] == [[0, 1, 2, 3], [4, 5, 6, 7, 8, 9]]


def test_a_batch_nobody_looks_at_is_bounded_too():
    grouped = batches(frames(10), looked_at=2, at_most=4, is_looked_at=lambda _: False)

    assert [len(batch) for batch in grouped] == [4, 4, 2]


def test_no_frames_make_no_batch():
    assert list(batches([], looked_at=2, at_most=4, is_looked_at=lambda _: True)) == []


@pytest.mark.parametrize(
    ("width", "height", "looked_at", "every", "expected"),
    [
        (64, 48, 8, 1, 8),
        (64, 48, 8, 3, 24),
        (1920, 1080, 64, 1, 32),
        (7680, 4320, 64, 1, 2),
        (60000, 60000, 8, 1, 1),
    ],
)
def test_a_batch_is_bounded_by_memory(width, height, looked_at, every, expected):
    video = VIDEO.model_copy(update={"width_px": width, "height_px": height})

    count = frames_per_batch(video, looked_at=looked_at, every=every)

    assert count == expected
    assert count == 1 or 3 * width * height * count <= BATCH_BYTES
