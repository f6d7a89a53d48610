"""How a video looks, put into the manifest's words."""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.contract.source import VideoSpec
from api_client.media.frames.colour import is_high_dynamic_range
from api_client.media.frames.encode import encoded_size_px, is_scaled_down, timescale_of
from api_client.media.frames.orientation import (
    Orientation,
    orientation_of_frame,
    orientation_of_picture,
    swaps_sides,
)
from api_client.media.source.decoding_order import Head, Survey
from api_client.media.source.packet_table import PacketTable

_FULL_RANGE = 2
_DEFAULT_RATE = Fraction(25)
_LEAST_PAUSE_STEPS = 10
"""How many times as long as usual nothing new is shown, for it to be a pause."""
_LONGEST_DURATION = 2**31 - 2
"""Of a sample in an mp4, in units of its timescale, as FFmpeg's muxer has it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Looks:
    """What decoded frames look like."""

    frame: VideoFrame
    """The first one."""
    size_px: tuple[int, int]
    """(width, height) of the largest, before it is turned upright."""
    sizes_px: tuple[tuple[int, int], ...]
    """Of all, in the order in which they appear."""
    orientation: Orientation
    is_interlaced: bool
    do_colours_change: bool

    @classmethod
    def of(cls, path: Path, container: str, head: Head, surveyed: Survey | None) -> "Looks":
        """Look at the first frame, and at all of them where they were decoded."""
        frame = head.first_frame
        sizes = surveyed.sizes_px if surveyed else ((frame.width, frame.height),)
        return cls(
            frame=frame,
            size_px=max(sizes, key=lambda size: size[0] * size[1]),
            sizes_px=sizes,
            orientation=orientation_of_picture(path) or orientation_of_frame(frame, container),
            is_interlaced=head.is_interlaced or bool(surveyed and surveyed.is_interlaced),
            do_colours_change=bool(surveyed and len(surveyed.colours) > 1),
        )


def video_spec(
    table: PacketTable,
    looks: Looks,
    *,
    codec: str,
    stream_index: int,
    declared_rate: Fraction | None,
    sample_aspect_ratio: Fraction,
    is_deinterlaced: bool,
) -> VideoSpec:
    """Describe a video by its table and by its frames."""
    frame, size_px, aspect = looks.frame, looks.size_px, sample_aspect_ratio
    if swaps_sides(looks.orientation):
        size_px, aspect = size_px[::-1], 1 / aspect
    shown = table.shown_pts
    video = VideoSpec(
        codec=codec,
        stream_index=stream_index,
        width_px=size_px[0],
        height_px=size_px[1],
        orientation=looks.orientation,
        time_base=table.time_base.as_integer_ratio(),
        sample_aspect_ratio=aspect.as_integer_ratio(),
        average_rate=_average_rate(shown, table.time_base, declared_rate).as_integer_ratio(),
        color_primaries=frame.color_primaries,
        color_transfer=frame.color_trc,
        color_space=frame.colorspace,
        color_range=_FULL_RANGE if frame.format.name.startswith("yuvj") else frame.color_range,
        frame_count=len(shown),
        first_pts=int(shown[0]),
        is_deinterlaced=is_deinterlaced,
        colours_change=looks.do_colours_change,
    )
    return video.model_copy(update={"timescale": _timescale(video, shown)})


def notes_on_looks(video: VideoSpec, looks: Looks) -> tuple[str, ...]:
    """What is unusual about the pictures, for people."""
    notes = []
    if len(set(looks.sizes_px)) > 1:
        sizes = ", ".join(f"{width}x{height}" for width, height in dict.fromkeys(looks.sizes_px))
        notes.append(
            f"the size of the picture changes ({sizes}): smaller ones are scaled to fit into "
            f"{looks.size_px[0]}x{looks.size_px[1]}, the largest, and coordinates are of that"
        )
    if looks.is_interlaced:
        done = (
            "deinterlaced (bwdif) before anything is looked for" if video.is_deinterlaced else "left as it is"
        )
        notes.append(f"the video is interlaced: {done}")
    if is_high_dynamic_range(video):
        notes.append("high dynamic range: tone-mapped to BT.709, for the detector and in the annotated video")
    if is_scaled_down(video):
        width, height = encoded_size_px(video)
        notes.append(
            f"pictures of {video.width_px}x{video.height_px} are shown at {width}x{height}, "
            "the most H.264 takes; coordinates are the source's"
        )
    return tuple(notes)


def _timescale(video: VideoSpec, shown: NDArray[np.int64]) -> int | None:
    """A coarser one where a gap is too long for an mp4: exact if possible, else as fine as it may be."""
    steps = np.diff(shown)
    longest_seconds = int(steps.max(initial=0)) * video.seconds_per_pts
    usual = timescale_of(video)
    if longest_seconds * usual <= _LONGEST_DURATION:
        return None
    numerator, denominator = video.time_base
    exact = denominator // gcd(denominator, *(numerator * step for step in np.unique(steps).tolist()))
    if longest_seconds * exact <= _LONGEST_DURATION:
        return exact
    return max(int(_LONGEST_DURATION / longest_seconds), 1)


def _average_rate(shown: NDArray[np.int64], time_base: Fraction, declared: Fraction | None) -> Fraction:
    """Frames per second: as declared where that is about right, else measured; within reason.

    Pauses do not count: the last frame is shown for as long as this says.
    """
    measured = declared or _DEFAULT_RATE
    if len(shown) > 1:
        steps = np.diff(shown)
        steps = steps[steps <= _LEAST_PAUSE_STEPS * np.median(steps)]
        measured = len(steps) / (int(steps.sum()) * time_base)
    rate = declared if declared and abs(measured / declared - 1) < Fraction(1, 1000) else measured
    return min(max(rate, Fraction(1, 100)), Fraction(1000)).limit_denominator(10_000)
