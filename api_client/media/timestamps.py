"""Timestamps that are missing or wrong, rebuilt. Pure functions over arrays in decoding order."""

import numpy as np
from numpy.typing import NDArray

from api_client.media.packet_table import MISSING

Stamps = NDArray[np.int64]
Flags = NDArray[np.bool_]

_MOST_REORDERED = 32
"""No codec holds back more than 16 frames, each of which may be two fields."""


def monotonic_dts(pts: Stamps) -> Stamps:
    """The latest strictly increasing decoding timestamps that never exceed `pts`.

    d[i] = min over j ≥ i of pts[j] - (j - i): what muxers insist on, whatever the source's dts were.
    """
    order = np.arange(len(pts), dtype=np.int64)
    latest = np.minimum.accumulate((pts - order)[::-1])[::-1]
    return np.asarray(latest + order, dtype=np.int64)


def pts_from_order(order: NDArray[np.int64], pts: Stamps, dts: Stamps, *, step: int) -> tuple[Stamps, Flags]:
    """(pts, is shown) of all packets, from the order in which a decoder shows them.

    `order` holds indices of packets, in the order in which their frames came out of a decoder. Frames keep
    their pts if that increases along the order; otherwise they are shown at the times at which they are
    decoded, if those increase along the file; otherwise `step` apart.
    """
    evenly = _origin(pts, dts) + np.arange(len(order), dtype=np.int64) * max(step, 1)
    candidates = (pts[order], dts[np.sort(order)], evenly)
    times = next(times for times in candidates if _increases(times))
    is_shown = np.zeros(len(pts), dtype=np.bool_)
    is_shown[order] = True
    rebuilt = np.full(len(pts), MISSING, dtype=np.int64)
    rebuilt[order] = times
    return _hidden_beside_their_predecessor(rebuilt), is_shown


def _increases(times: Stamps) -> bool:
    return bool(np.all(times != MISSING) and np.all(np.diff(times) > 0))


def _origin(pts: Stamps, dts: Stamps) -> int:
    known = np.concatenate((pts[pts != MISSING], dts[dts != MISSING]))
    return int(known.min()) if len(known) else 0


def are_shuffled(pts: Stamps) -> bool:
    """Whether frames are shown far from where they are decoded, as in recordings joined byte by byte."""
    rank = np.empty(len(pts), dtype=np.int64)
    rank[np.argsort(pts, kind="stable")] = np.arange(len(pts))
    return bool(np.abs(rank - np.arange(len(pts))).max(initial=0) > _MOST_REORDERED)


def are_unusable(pts: Stamps, *, is_shown: Flags, is_discard: Flags) -> bool:
    """Whether timestamps are missing, or two frames that a decoder puts out have the same."""
    if np.any(pts == MISSING):
        return True
    shown = pts[is_shown]
    return len(np.unique(shown)) < len(shown) or bool(np.isin(pts[is_discard], shown).any())


def _hidden_beside_their_predecessor(pts: Stamps) -> Stamps:
    """Give packets that show nothing the timestamp of the nearest packet before them that does."""
    positions = np.where(pts != MISSING, np.arange(len(pts)), 0)
    filled = pts[np.maximum.accumulate(positions)]
    filled[filled == MISSING] = pts[pts != MISSING].min()
    return filled
