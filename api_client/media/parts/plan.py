"""Where a video is cut, decided from its packet table alone. Pure.

A chunk starts at a keyframe and ends before another. The leading pictures of that other keyframe (shown
before it, decoded after it, and needing both sides: an open group of pictures) belong to this chunk, so it
also carries the next keyframe and the packets up to the last leading picture. A worker decodes everything
in the chunk and keeps the frames in its window: shown no earlier than the chunk's own keyframe and earlier
than the next one's. Cutting at keyframes without this rule loses frames, and no decoder complains.
"""

from dataclasses import dataclass
from itertools import pairwise, zip_longest
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from api_client.contract.pts_runs import PtsRuns
from api_client.media.source.packet_table import PacketTable


@dataclass(frozen=True, kw_only=True)
class ChunkPlan:
    """One chunk to be."""

    index: int
    packets: range
    """Which packets it carries, as indices into the packet table."""
    first_frame: int
    """Index in the whole video of its first frame."""
    pts: PtsRuns
    """Of every frame it must yield."""
    offset_pts: int
    """The earliest pts among its packets; timestamps in its file count from here."""

    @property
    def frame_count(self) -> int:
        """How many frames it must yield."""
        return len(self.pts)


@dataclass(frozen=True, kw_only=True)
class _Cut:
    packet: int
    """Index of the keyframe decoding starts with."""
    frame: int
    """Index of the first frame that is kept."""


_MOST_PIECES = 12
"""Into which one group of pictures is cut. The n-th piece repeats all packets of the n-1 before it."""


def plan(
    table: PacketTable, *, target_seconds: float, max_frames: int, frames: range | None = None
) -> list[ChunkPlan]:
    """Cut into chunks of at most `target_seconds` and `max_frames`, at keyframes.

    A group of pictures longer than that is cut inside: each piece carries all packets from the keyframe on,
    so its frames are decoded several times rather than encoded again.

    frames: the numbers of those that are taken; None for all.
    """
    if target_seconds <= 0 or max_frames < 1:
        raise ValueError("target_seconds and max_frames must be positive")
    shown = table.shown_pts
    assert len(shown), "probe refuses a video without frames"
    longest_pts = target_seconds / float(table.time_base)
    steady = _without_pauses(table, shown)
    frames = range(len(shown)) if frames is None else frames
    groups = _within(frames, [_Cut(packet=0, frame=0), *_possible_cuts(table, shown)])
    chosen = [groups[0]]
    for group, following in zip_longest(groups, groups[1:]):
        end = following.frame if following else frames.stop
        is_break = group.packet in table.breaks
        if is_break or _is_too_much(steady, chosen[-1].frame, end, longest_pts, max_frames):
            if group.frame > chosen[-1].frame:
                chosen.append(group)
            chosen += _pieces(steady, group, end, longest_pts, max_frames)
    return _chunks(table, shown, chosen, frames.stop)


def notes_on(plans: list[ChunkPlan], *, max_frames: int) -> tuple[str, ...]:
    """What is unusual about a plan, for people."""
    repeated = sum(
        1 for chunk, following in pairwise(plans) if chunk.packets.start == following.packets.start
    )
    notes = []
    if repeated:
        notes.append(f"keyframes are far apart: {repeated} chunk(s) repeat packets of the chunk before")
    longest = max(chunk.frame_count for chunk in plans)
    if longest > max_frames:
        notes.append(f"keyframes are so far apart that a chunk has {longest} frames instead of {max_frames}")
    return tuple(notes)


def can_be_cut_at_breaks(table: PacketTable) -> bool:
    """Whether everything before a change of parameters is shown before it."""
    cuts = {cut.packet for cut in _possible_cuts(table, table.shown_pts)}
    return cuts.issuperset(table.breaks)


def _without_pauses(table: PacketTable, shown: NDArray[np.int64]) -> NDArray[np.int64]:
    """When frames would be shown if none were shown for longer than a second: a pause is no work."""
    steps = np.minimum(np.diff(shown), ceil(1 / table.time_base))
    return np.concatenate((shown[:1], shown[0] + np.cumsum(steps)))


def _within(frames: range, groups: list[_Cut]) -> list[_Cut]:
    """The groups of pictures of which frames are taken; the first perhaps from its middle on."""
    first = next(group for group in reversed(groups) if group.frame <= frames.start)
    later = (group for group in groups if frames.start < group.frame < frames.stop)
    return [_Cut(packet=first.packet, frame=frames.start), *later]


def _is_too_much(shown: NDArray[np.int64], start: int, end: int, longest_pts: float, max_frames: int) -> bool:
    return bool(end - start > max_frames or shown[end - 1] - shown[start] >= longest_pts)


def _pieces(
    shown: NDArray[np.int64], group: _Cut, end: int, longest_pts: float, max_frames: int
) -> list[_Cut]:
    """Cuts inside a group of pictures that ends before frame `end`; none if it is short enough."""
    duration_pts = int(shown[end - 1] - shown[group.frame])
    wanted = max(ceil((end - group.frame) / max_frames), floor(duration_pts / longest_pts) + 1)
    count = min(wanted, _MOST_PIECES, end - group.frame)
    starts = [group.frame + (end - group.frame) * piece // count for piece in range(1, count)]
    return [_Cut(packet=group.packet, frame=frame) for frame in starts]


def _possible_cuts(table: PacketTable, shown: NDArray[np.int64]) -> list[_Cut]:
    """Keyframes after everything that is shown before them, except for their own leading pictures."""
    lowest = np.iinfo(np.int64).min
    shown_or_lowest = np.where(table.is_shown, table.pts, lowest)
    latest_before = np.concatenate(([lowest], np.maximum.accumulate(shown_or_lowest)[:-1]))
    packets = np.flatnonzero(table.is_key & (latest_before < table.pts))
    frames = np.searchsorted(shown, table.pts[packets])
    cuts: list[_Cut] = []
    for packet, frame in zip(packets.tolist(), frames.tolist(), strict=True):
        if 0 < frame < len(shown) and (not cuts or frame > cuts[-1].frame):
            cuts.append(_Cut(packet=packet, frame=frame))
    return cuts


def _chunks(table: PacketTable, shown: NDArray[np.int64], cuts: list[_Cut], stop: int) -> list[ChunkPlan]:
    highest = np.iinfo(np.int64).max
    shown_or_highest = np.where(table.is_shown, table.pts, highest)
    earliest_from_here = np.minimum.accumulate(shown_or_highest[::-1])[::-1]
    plans = []
    for index, (cut, following) in enumerate(zip_longest(cuts, cuts[1:])):
        end_packet, end_frame = len(table), following.frame if following else stop
        if end_frame < len(shown):
            # The first packet from which on everything is shown after this chunk's last frame.
            end_packet = int(np.searchsorted(earliest_from_here, shown[end_frame]))
        plans.append(
            ChunkPlan(
                index=index,
                packets=range(cut.packet, end_packet),
                first_frame=cut.frame,
                pts=PtsRuns.from_pts(shown[cut.frame : end_frame].tolist()),
                offset_pts=int(table.pts[cut.packet : end_packet].min()),
            )
        )
    return plans
