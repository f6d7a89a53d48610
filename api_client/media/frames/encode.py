"""Encoding annotated frames: one pinned configuration, so that all workers' segments fit together."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.video.stream import VideoStream

from api_client.contract.source import VideoSpec
from api_client.media.assemble.mp4_timing import exact_timing
from api_client.media.av_errors import av_errors_of
from api_client.media.frames.canvas import Canvas, RgbCanvas
from api_client.media.frames.colour import ColourConverter, Rgb, fitted, shown_colours

_X264 = {
    "preset": "veryfast",
    "crf": "22",
    # x264's output depends on the number of threads, not on the number of cores.
    "threads": "4",
    # mbtree reads memory nobody wrote, so that now and then equal frames give other bytes; without it
    # pictures are larger and better at the same crf, which is therefore higher
    "x264-params": "open-gop=0:bframes=0:keyint=250:sliced-threads=0:no-mbtree=1",
}

_LARGEST_PX = 16_384
"""The longest side x264 takes."""
_FINEST_TIMESCALE = 10_000_000
"""Beyond this an mp4 could not hold a pause of a few minutes between two frames: 32 bits."""
_ROUNDED_TIMESCALE = 1_000_000


def timescale_of(video: VideoSpec) -> int:
    """Units per second in which annotated video is timed.

    The denominator of the source's time base, so that every pts is kept exactly. A time base finer than a
    tenth of a microsecond (some Matroska files count nanoseconds) is rounded to microseconds. Where a gap
    between two frames is longer than an mp4 can say in such units, the manifest names coarser ones.
    """
    if video.timescale is not None:
        return video.timescale
    denominator = video.time_base[1]
    return denominator if denominator <= _FINEST_TIMESCALE else _ROUNDED_TIMESCALE


def ticks(video: VideoSpec, pts: int) -> int:
    """Time since frame 0 in units of `timescale_of`."""
    return round((pts - video.first_pts) * video.seconds_per_pts * timescale_of(video))


def is_scaled_down(video: VideoSpec) -> bool:
    """Whether pictures are larger than H.264 encoders take, and are scaled for display alone."""
    return max(video.width_px, video.height_px) > _LARGEST_PX


def encoded_size_px(video: VideoSpec) -> tuple[int, int]:
    """(width, height) of annotated video: the pictures', made even, or as much as fits."""
    width, height = video.width_px, video.height_px
    if is_scaled_down(video):
        width, height = fitted((width, height), (_LARGEST_PX, _LARGEST_PX))
    return width + width % 2, height + height % 2


class SegmentWriter:
    """Writes the annotated frames of one chunk as H.264 in an mp4. Use as a context manager.

    The file appears under its name only when the block ends without an exception. Its timestamps count
    from frame 0 of the whole video.
    """

    def __init__(self, path: Path, video: VideoSpec) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._video = video
        self._convert = ColourConverter(video)
        self._scaled_size = encoded_size_px(video) if is_scaled_down(video) else None

    def __enter__(self) -> Self:
        with av_errors_of(self._path):
            timing = exact_timing(timescale_of(self._video))
            self._file = av.open(str(self._part.absolute()), "w", format="mp4", options=timing)
            self._stream = _pinned(
                self._file.add_stream("libx264", rate=Fraction(*self._video.average_rate), options=_X264),
                self._video,
            )
        return self

    def write(self, rgb: Rgb, pts: int) -> None:
        """Add a frame of (H, W, 3) uint8 display pixels, at its pts in the source's time base."""
        self.write_at(rgb, ticks(self._video, pts))

    def write_drawn(self, canvas: Canvas, pts: int) -> None:
        """Add a picture that was drawn on, at its pts in the source's time base."""
        self._encode(canvas, ticks(self._video, pts))

    def write_at(self, rgb: Rgb, tick: int) -> None:
        """Add a frame at a time in units of `timescale_of`, from frame 0."""
        self._encode(RgbCanvas(rgb), tick)

    def _encode(self, canvas: Canvas, tick: int) -> None:
        frame = canvas.yuv420p(self._convert, self._scaled_size)
        frame.pts = tick
        frame.time_base = Fraction(1, timescale_of(self._video))
        with av_errors_of(self._path):
            self._file.mux(self._stream.encode(frame))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with av_errors_of(self._path):
                if error is None:
                    self._file.mux(self._stream.encode(None))
                self._file.close()
                if error is None:
                    self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)


def _pinned(stream: VideoStream, video: VideoSpec) -> VideoStream:
    context = stream.codec_context
    context.width, context.height = encoded_size_px(video)
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, timescale_of(video))
    context.sample_aspect_ratio = Fraction(*video.sample_aspect_ratio)
    context.gop_size = 250
    context.max_b_frames = 0  # pts equal dts, and segments follow each other without overlap
    shown = shown_colours(video)
    context.color_primaries = shown.color_primaries
    context.color_trc = shown.color_transfer
    context.colorspace = shown.color_space
    context.color_range = shown.color_range
    return stream
