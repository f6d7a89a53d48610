"""The clock of a file that starts again: recordings joined, cameras restarted. Pure.

A file is cut into stretches in which the pictures' clock runs on. A stretch begins where everything in the
one before has ended, pictures and sound, so that nothing overlaps and sound stays beside its picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from api_client.media.source.packet_table import MISSING, SideTable
from api_client.media.source.timestamps import Stamps, filled, restarts, rising, without_slips


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A part of the file in which the pictures' clock runs on."""

    first_packet: int
    """Index of the video's first packet in it, in decoding order."""
    shift_seconds: Fraction
    """What is added to every timestamp in it, of whichever stream."""


_FINEST_PICTURES = Fraction(1, 1_000_000)
_FINEST_SOUND = Fraction(1, 1000)
"""Seconds that annotated video tells apart, whatever its container."""

ONE_STRETCH = (Stretch(first_packet=0, shift_seconds=Fraction(0)),)


def stretches_of(
    times: Stamps,
    order: NDArray[np.int64],
    sides: Mapping[int, SideTable],
    *,
    time_base: Fraction,
    step: int,
) -> tuple[Stretch, ...]:
    """Where the clock starts again, from the times of frames in the order of their presentation."""
    starts = restarts(times, second=ceil(1 / time_base))
    if len(starts) == 1:
        return ONE_STRETCH
    bounds = [*starts, len(times)]
    firsts = [int(order[start:end].min()) for start, end in pairwise(bounds)]
    spans = [
        _Span(int(times[start:end].min()) * time_base, (int(times[start:end].max()) + step) * time_base)
        for start, end in pairwise(bounds)
    ]
    for side in sides.values():
        for run, number in _runs(_side_times(side), side, firsts):
            spans[number].add(side, _side_times(side)[run])
    shifts = [0]
    for before, after in pairwise(spans):
        shifts.append(ceil((shifts[-1] * time_base + before.end - after.start) / time_base))
    return tuple(
        Stretch(first_packet=first, shift_seconds=shift * time_base)
        for first, shift in zip(firsts, shifts, strict=True)
    )


def shown_times(
    times: Stamps, order: NDArray[np.int64], stretches: tuple[Stretch, ...], time_base: Fraction
) -> Stamps:
    """The times of frames in the order of their presentation, on a clock that only rises."""
    firsts = np.array([stretch.first_packet for stretch in stretches])
    shifts = np.array([int(stretch.shift_seconds / time_base) for stretch in stretches], dtype=np.int64)
    least = max(ceil(_FINEST_PICTURES / time_base), 1)
    return rising(times + shifts[np.searchsorted(firsts, order, side="right") - 1], least=least)


def side_times(side: SideTable, stretches: tuple[Stretch, ...]) -> Stamps:
    """When the packets of a sound track are heard, on the clock of the pictures, in its own time base."""
    times = _side_times(side).copy()
    for run, number in _runs(times.copy(), side, [stretch.first_packet for stretch in stretches]):
        times[run] += round(stretches[number].shift_seconds / side.time_base)
    return rising(times, least=max(ceil(_FINEST_SOUND / side.time_base), 1))


class _Span:
    """From when to when a stretch lasts, by the file's own clock, in seconds."""

    def __init__(self, start: Fraction, end: Fraction) -> None:
        self.start, self.end = start, end

    def add(self, side: SideTable, times: Stamps) -> None:
        self.start = min(self.start, int(times.min()) * side.time_base)
        self.end = max(self.end, (int(times.max()) + side.last_duration) * side.time_base)


def _side_times(side: SideTable) -> Stamps:
    if not len(side) or (np.all(side.pts != MISSING) and np.all(np.diff(side.pts) >= 0)):
        return side.pts
    return without_slips(filled(side.pts), longest=ceil(1 / side.time_base))


def _runs(times: Stamps, side: SideTable, firsts: list[int]) -> list[tuple[slice, int]]:
    """Parts of a sound track in which its clock runs on, each with the number of its stretch.

    A part belongs to the stretch beside whose pictures most of it lies in the file: where two recordings
    meet, sound and pictures do not change at the same byte.
    """
    if not len(times):
        return []
    bounds = [*restarts(times, second=ceil(1 / (4 * side.time_base))), len(times)]
    stretch_of_packet = np.searchsorted(firsts, side.pictures_before, side="left") - 1
    numbers = np.maximum(stretch_of_packet, 0)
    return [
        (slice(start, end), int(np.bincount(numbers[start:end]).argmax())) for start, end in pairwise(bounds)
    ]
