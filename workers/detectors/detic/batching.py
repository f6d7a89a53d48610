"""How many frames go through the network at once, and what happens where they are too many."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from workers.detectors.protocol import Frame

CPU_BATCH = 1
"""Frames at once without a GPU: one picture already keeps every core busy, and more only take memory."""
LARGEST_BATCH = 32
SHARE_OF_MEMORY = 0.8
"""Of a GPU's free memory that batches may take; the rest is for detections, and for what others do."""

Result = TypeVar("Result")


def fitting_batch(free_bytes: int, bytes_per_frame: int) -> int:
    """Return the largest power of two that fits into the memory, from 1 to `LARGEST_BATCH`."""
    fitting = int(free_bytes * SHARE_OF_MEMORY / max(1, bytes_per_frame))
    batch = 1
    while batch * 2 <= min(fitting, LARGEST_BATCH):
        batch *= 2
    return batch


def largest_batch(run: Callable[[int], object], free_bytes: int, bytes_per_frame: int) -> int:
    """Return the largest power of two of frames that `run` gets through, at most what fits into the memory.

    run: the network on so many frames. It may need more memory than the frames' own share; it is then tried
    with half as many. Raises what it raises where even one frame is too much.
    """
    batch = fitting_batch(free_bytes, bytes_per_frame)
    while True:
        try:
            run(batch)
        except torch.OutOfMemoryError:
            if batch == 1:
                raise
        else:
            return batch
        batch = _half(batch)


def measured_bytes(run: Callable[[], object], device: torch.device) -> int:
    """Run something on a GPU and return the most memory it held beyond what was held before."""
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    run()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device) - before


def in_batches(
    run: Callable[[Sequence[Frame]], list[Result]], frames: Sequence[Frame], batch: int, *, fill: bool = False
) -> tuple[list[Result], int]:
    """Run frames in batches, halving the batch each time memory runs out.

    fill: bring a last, smaller batch to full size with copies of a frame, where a network is compiled for it.
    Returns the results in order and the size of batch that worked. Raises what `run` raises where even one
    frame is too much.
    """
    results: list[Result] = []
    while len(results) < len(frames):
        part = frames[len(results) : len(results) + batch]
        copies = [part[-1]] * (batch - len(part)) if fill else []
        try:
            results += run([*part, *copies])[: len(part)]
        except torch.OutOfMemoryError:
            if batch == 1:
                raise
        else:
            continue
        batch = _half(batch)
    return results, batch


def _half(batch: int) -> int:
    """Call it after the `except`, not in it: the traceback holds on to the tensors that were too much."""
    torch.cuda.empty_cache()
    return batch // 2
