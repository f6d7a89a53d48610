"""Taking a part of a video, by time: frames keep their numbers, and the times they have in the whole."""

from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np

from api_client.errors import SettingsError
from api_client.media.source.source_video import SourceVideo
from api_client.times import clock

_FINEST = 1_000_000
"""Microseconds: what a person or a program writes as a number of seconds is no finer."""
_Shown = np.ndarray[tuple[int], np.dtype[np.int64]]
"""(N,) pts of the frames that are shown, in order."""


def checked_range(start: float | None, end: float | None) -> tuple[Fraction, Fraction | None]:
    """(start, end) in seconds; None where nothing is cut off. Raises `SettingsError` where it is reversed."""
    first = Fraction(0) if start is None else _exact(start)
    last = None if end is None else _exact(end)
    if last is not None and last <= first:
        raise SettingsError(f"the end, {clock(last)}, is not after the start, {clock(first)}: exchange them")
    return first, last


def taken_from(video: SourceVideo, start: float | None, end: float | None) -> SourceVideo:
    """Return the video with those frames alone that are shown from `start` on and before `end`.

    start, end: in seconds since the video's first frame; None for its beginning, its end.
    Raises `SettingsError` where the video shows no frame then.
    """
    first_seconds, end_seconds = checked_range(start, end)
    shown = video.table.shown_pts
    first = _first_from(video, shown, first_seconds)
    stop = len(shown) if end_seconds is None else _first_from(video, shown, end_seconds)
    if first >= stop:
        raise SettingsError(_no_frame(video, shown, first_seconds, end_seconds))
    if (first, stop) == (0, len(shown)):
        return video
    taken = video.video.model_copy(
        update={
            "frame_count": stop - first,
            "first_frame": first,
            "first_pts": int(shown[first]),
            "zero_pts": int(shown[0]),
        }
    )
    return replace(video, video=taken)


def ends_before(video: SourceVideo, end: float | None) -> str | None:
    """Say so, for people, where more was asked for than there is; None otherwise."""
    shown = video.table.shown_pts
    last = int(shown[-1] - shown[0]) * video.table.time_base + 1 / Fraction(*video.video.average_rate)
    if end is None or _exact(end) <= last:
        return None
    return f"{video.path} ends at {clock(last)}, before the end that was asked for, {clock(_exact(end))}"


def _exact(seconds: float) -> Fraction:
    try:
        exact = Fraction(seconds).limit_denominator(_FINEST)
    except (TypeError, ValueError, OverflowError):
        raise SettingsError(f"{seconds!r} is no time: give seconds") from None
    if exact < 0:
        raise SettingsError(f"{seconds!r} is before the video's beginning: give 0 or more seconds")
    return exact


def _first_from(video: SourceVideo, shown: _Shown, at: Fraction) -> int:
    """Index of the first frame that is shown at a time or after it."""
    units = ceil(at / video.table.time_base)
    return int(np.searchsorted(shown - shown[0], min(units, np.iinfo(np.int64).max)))


def _no_frame(
    video: SourceVideo,
    shown: _Shown,
    start: Fraction,
    end: Fraction | None,
) -> str:
    last = int(shown[-1] - shown[0]) * video.table.time_base
    if start > last:
        return (
            f"{video.path} shows its last frame at {clock(last)}, before the start, {clock(start)}: "
            "choose an earlier one"
        )
    assert end is not None
    return f"{video.path} shows no frame between {clock(start)} and {clock(end)}: choose a longer time"
