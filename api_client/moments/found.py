"""What is in each moment, for its title."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from api_client.log.frames import FrameRecord
from api_client.moments.moment import Moment

_MOST_LABELS = 8


def with_found(moments: Sequence[Moment], frames: Iterable[FrameRecord]) -> list[Moment]:
    """Return the moments with the labels of what is in them, those in most frames first."""
    counts: list[Counter[str]] = [Counter() for _ in moments]
    number = 0
    for frame in frames:
        while number < len(moments) and frame.frame_index > moments[number].last_frame:
            number += 1
        if number < len(moments) and frame.frame_index >= moments[number].first_frame:
            counts[number].update({box.class_name for box in frame.boxes})
    return [replace(moment, found=_most(counted)) for moment, counted in zip(moments, counts, strict=True)]


def _most(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counted, key=lambda label: (-counted[label], label))[:_MOST_LABELS])
