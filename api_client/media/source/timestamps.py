"""Timestamps that are missing or wrong, mended. Pure functions over arrays."""

import numpy as np
from numpy.typing import NDArray

from api_client.media.source.packet_table import MISSING

Stamps = NDArray[np.int64]
Flags = NDArray[np.bool_]

_MOST_REORDERED = 32
"""No codec holds back more than 16 frames, each of which may be two fields."""
_LONGEST_SLIP = 3
"""Frames in a row whose timestamps may be nonsense, while those around them are right."""
_COUNTER = 1 << 33
"""Where the clock of a transport or program stream starts again, in 1/90000 s."""
_OVERFLOW_WITHIN = 10 * 90_000


def monotonic_dts(pts: Stamps) -> Stamps:
    """The latest strictly increasing decoding timestamps that never exceed `pts`.

    d[i] = min over j ≥ i of pts[j] - (j - i): what muxers insist on, whatever the source's dts were.
    """
    order = np.arange(len(pts), dtype=np.int64)
    latest = np.minimum.accumulate((pts - order)[::-1])[::-1]
    return np.asarray(latest + order, dtype=np.int64)


def rising(times: Stamps, *, least: int = 1) -> Stamps:
    """The earliest times, `least` apart, that are never before `times`: a repeat moves by so much."""
    order = np.arange(len(times), dtype=np.int64) * least
    return np.asarray(np.maximum.accumulate(times - order) + order, dtype=np.int64)


def unwrapped(pts: Stamps, dts: Stamps) -> tuple[Stamps, Stamps]:
    """(pts, dts) in decoding order of a counter of 33 bits, as if it had more."""
    positions = np.flatnonzero(dts != MISSING)
    turns = np.abs(np.diff(dts[positions]) + _COUNTER) < _OVERFLOW_WITHIN
    if not turns.any():
        return pts, dts
    rounds = np.zeros(len(dts), dtype=np.int64)
    rounds[positions[1:]] = turns
    added = np.cumsum(rounds) * _COUNTER
    longer_dts = np.where(dts == MISSING, dts, dts + added)
    longer_pts = pts + added
    # Around the turn, frames are shown after it that are decoded before, and the other way round.
    longer_pts += _COUNTER * np.rint((longer_dts - longer_pts) / _COUNTER).astype(np.int64)
    return np.where((pts == MISSING) | (dts == MISSING), pts, longer_pts), longer_dts


def times_in_order(order: NDArray[np.int64], pts: Stamps, dts: Stamps, *, step: int, second: int) -> Stamps:
    """When frames are shown, from the order in which a decoder shows them; not increasing everywhere.

    `order` holds indices of packets, in the order in which their frames came out of a decoder. Frames keep
    their pts if these mostly increase along the order; otherwise they are shown at the times at which they
    are decoded, if those mostly increase along the file; otherwise `step` apart.
    `second` is a second in units of the time base. What single slips say is interpolated, and so is what
    is missing.
    """
    for times in (pts[order], dts[np.sort(order)]):
        if _is_plausible(times):
            return without_slips(filled(times), longest=max(second, 8 * step))
    return np.asarray(_origin(pts, dts) + np.arange(len(order), dtype=np.int64) * max(step, 1))


def on_packets(order: NDArray[np.int64], times: Stamps, count: int) -> tuple[Stamps, Flags]:
    """(pts, is shown) of all packets, for frames in the order of their presentation."""
    is_shown = np.zeros(count, dtype=np.bool_)
    is_shown[order] = True
    rebuilt = np.full(count, MISSING, dtype=np.int64)
    rebuilt[order] = times
    return _hidden_beside_their_predecessor(rebuilt), is_shown


def _is_plausible(times: Stamps) -> bool:
    known = times[times != MISSING]
    if len(known) * 2 < len(times) or not len(known) or len(np.unique(known)) * 10 < len(known):
        return False
    return int(np.count_nonzero(np.diff(known) < 0)) <= len(known) // 10


def filled(times: Stamps) -> Stamps:
    """What is missing, between its neighbours; all zero if nothing is known."""
    is_known = times != MISSING
    if is_known.all():
        return times
    positions = np.arange(len(times))
    if not is_known.any():
        return np.zeros(len(times), dtype=np.int64)
    first = int(times[is_known][0])  # large integers do not survive interpolation in floating point
    between = np.interp(positions, positions[is_known], (times[is_known] - first).astype(np.float64))
    return np.where(is_known, times, first + np.rint(between).astype(np.int64))


def without_slips(times: Stamps, *, longest: int) -> Stamps:
    """The same, with up to three times in a row that are off by more than `longest` interpolated."""
    mended = times.copy()
    for last in np.flatnonzero(np.diff(times) < 0).tolist():
        for length in range(1, _LONGEST_SLIP + 1):
            if _interpolate(mended, last - length, last + 1, longest):
                break
            if _interpolate(mended, last, last + 1 + length, longest):
                break
    return mended


def _interpolate(times: Stamps, before: int, after: int, longest: int) -> bool:
    """Between two neighbours that fit together, where what lies between does not."""
    if before < 0 or after >= len(times):
        return False
    start, end = int(times[before]), int(times[after])
    inner = times[before + 1 : after]
    off = max(int(start - inner.min()), int(inner.max() - end))
    if not start <= end <= start + longest * (after - before) or off <= longest:
        return False
    times[before + 1 : after] = np.linspace(start, end, after - before + 1).astype(np.int64)[1:-1]
    return True


def restarts(times: Stamps, *, second: int) -> list[int]:
    """Indices at which the clock starts again, the first of them 0: it jumps back, and stays there."""
    starts = [0]
    for index in (np.flatnonzero(np.diff(times) < 0) + 1).tolist():
        highest = int(times[starts[-1] : index].max())
        following = times[index : index + _LONGEST_SLIP + 1]
        lasts = len(following) > _LONGEST_SLIP or highest - int(following[0]) > second
        if lasts and int(following.max()) <= highest:
            starts.append(index)
    return starts


def _origin(pts: Stamps, dts: Stamps) -> int:
    known = np.concatenate((pts[pts != MISSING], dts[dts != MISSING]))
    return int(known.min()) if len(known) else 0


def are_shuffled(pts: Stamps) -> bool:
    """Whether frames are shown far from where they are decoded, as in recordings joined byte by byte."""
    rank = np.empty(len(pts), dtype=np.int64)
    rank[np.argsort(pts, kind="stable")] = np.arange(len(pts))
    return bool(np.abs(rank - np.arange(len(pts))).max(initial=0) > _MOST_REORDERED)


def jump_back(dts: Stamps) -> bool:
    """Whether decoding times fall, as where recordings are joined."""
    return bool(np.any(np.diff(dts[dts != MISSING]) < 0))


def are_unusable(pts: Stamps, *, is_shown: Flags, is_discard: Flags) -> bool:
    """Whether timestamps are missing, or two frames that a decoder puts out have the same."""
    if np.any(pts == MISSING):
        return True
    shown = np.sort(pts[is_shown])  # np.unique and np.isin would load NumPy's masked arrays, for most in vain
    return bool(np.any(np.diff(shown) == 0) or (is_discard.any() and np.isin(pts[is_discard], shown).any()))


def _hidden_beside_their_predecessor(pts: Stamps) -> Stamps:
    """Give packets that show nothing the timestamp of the nearest packet before them that does."""
    positions = np.where(pts != MISSING, np.arange(len(pts)), 0)
    nearest = pts[np.maximum.accumulate(positions)]
    nearest[nearest == MISSING] = pts[pts != MISSING].min()
    return nearest
