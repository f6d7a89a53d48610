"""Bringing a packet table into agreement with what a decoder shows."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from api_client.errors import MediaError
from api_client.media.decoding_order import Head, decode_order
from api_client.media.packet_table import PacketTable
from api_client.media.timestamps import are_shuffled, are_unusable, pts_from_order


def is_trustworthy(table: PacketTable, head: Head) -> bool:
    """Whether every frame has its own timestamp, in the order in which frames come out of the decoder.

    H.264 with B-frames in an .avi fails: that container stores no pts, and FFmpeg's guesses look plausible.
    """
    if np.any(np.diff(table.pts[head.order]) <= 0) or are_shuffled(table.pts[table.is_shown]):
        return False
    return not are_unusable(table.pts, is_shown=table.is_shown, is_discard=table.is_discard)


def with_rebuilt_timestamps(
    path: Path, stream_index: int, table: PacketTable, frame_rate: Fraction
) -> tuple[PacketTable, str]:
    """The table with pts from a full decode, which alone can know, and a note. Slow, and rarely needed."""
    order = decode_order(path, stream_index)
    if not len(order):
        raise MediaError(f"{path} cannot be decoded; convert it to H.264 first")
    step = round(1 / frame_rate / table.time_base)
    pts, is_shown = pts_from_order(order, table.pts, table.dts, step=step)
    note = "timestamps were missing or contradictory, and were rebuilt from the order of decoding"
    return replace(table, pts=pts, is_shown=is_shown), note


def without_undecodable_head(table: PacketTable, head: Head) -> tuple[PacketTable, str | None]:
    """Leave out what precedes the first frame a decoder can show, as every player does.

    A recording that begins inside a group of pictures, or with an open one, starts with such frames.
    """
    before = table.is_shown & (table.pts < table.pts[head.order[0]])
    if not before.any():
        return table, None
    count = int(before.sum())
    note = f"the first {count} frame(s) cannot be decoded, as their keyframe is missing, and are left out"
    return replace(table, is_shown=table.is_shown & ~before), note
