"""Bringing a packet table into agreement with what a decoder shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api_client.errors import MediaError
from api_client.media.source.clock import ONE_STRETCH, Stretch, shown_times, stretches_of
from api_client.media.source.decoding_order import Head
from api_client.media.source.packet_table import MISSING, PacketTable, SideTable
from api_client.media.source.timestamps import (
    are_shuffled,
    are_unusable,
    jump_back,
    on_packets,
    times_in_order,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Trusted:
    """A table that can be relied on."""

    table: PacketTable
    stretches: tuple[Stretch, ...] = ONE_STRETCH
    notes: tuple[str, ...] = ()


def is_trustworthy(table: PacketTable, head: Head) -> bool:
    """Whether every frame has its own timestamp, in the order in which frames come out of the decoder.

    H.264 with B-frames in an .avi fails: that container stores no pts, and FFmpeg's guesses look plausible.
    So do field pictures, two packets to a frame.
    """
    if np.any(np.diff(table.pts[head.order]) <= 0) or are_shuffled(table.pts[table.is_shown]):
        return False
    if not table.is_discard.any() and (jump_back(table.dts) or head.is_every_second_packet):
        return False
    return not are_unusable(table.pts, is_shown=table.is_shown, is_discard=table.is_discard)


def with_rebuilt_timestamps(
    path: Path,
    table: PacketTable,
    order: NDArray[np.int64],
    sides: Mapping[int, SideTable],
    frame_rate: Fraction,
) -> Trusted:
    """The table with pts from a full decode, which alone can know."""
    if not len(order):
        raise MediaError(f"{path} cannot be decoded; convert it to H.264 first")
    step = max(round(1 / frame_rate / table.time_base), 1)
    second = ceil(1 / table.time_base)
    raw = times_in_order(order, table.pts, table.dts, step=step, second=second)
    stretches = stretches_of(raw, order, sides, time_base=table.time_base, step=step)
    times = shown_times(raw, order, stretches, table.time_base)
    pts, is_shown = on_packets(order, times, len(table))
    notes = _notes(table.pts[order], raw, times, stretches)
    return Trusted(table=replace(table, pts=pts, is_shown=is_shown), stretches=stretches, notes=tuple(notes))


def _notes(
    given: NDArray[np.int64],
    raw: NDArray[np.int64],
    times: NDArray[np.int64],
    stretches: tuple[Stretch, ...],
) -> list[str]:
    notes = []
    if len(stretches) > 1:
        notes.append(
            f"the clock starts again {len(stretches) - 1} time(s), as where recordings are joined: "
            "what follows is moved behind what came before"
        )
    changed = int(np.count_nonzero(given != (times if len(stretches) == 1 else raw)))
    if changed > len(given) // 2 or np.all(given == MISSING):
        notes.append("timestamps were missing or contradictory, and were rebuilt from the order of decoding")
    elif changed:
        notes.append(f"{changed} timestamp(s) were repeated, missing or impossible, and moved to the nearest")
    return notes


def without_undecodable_head(table: PacketTable, head: Head) -> Trusted:
    """Leave out what precedes the first frame a decoder can show, as every player does.

    A recording that begins inside a group of pictures, or with an open one, starts with such frames.
    """
    before = table.is_shown & (table.pts < table.pts[head.order[0]])
    if not before.any():
        return Trusted(table=table)
    count = int(before.sum())
    note = f"the first {count} frame(s) cannot be decoded, as their keyframe is missing, and are left out"
    return Trusted(table=replace(table, is_shown=table.is_shown & ~before), notes=(note,))
