"""Decoding a chunk: exactly the frames its manifest entry lists, in order."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from api_client.contract.source import ChunkSpec, VideoSpec
from api_client.errors import IntegrityError
from api_client.media.av_errors import av_errors_of_our_own
from api_client.media.frames.canvas import Canvas, black_canvas, canvas_of
from api_client.media.frames.colour import ColourConverter, Rgb
from api_client.media.frames.deinterlace import deinterlaced
from api_client.media.opening import open_media


@dataclass(frozen=True, kw_only=True, eq=False)
class DecodedFrame:
    """One frame of the video, ready for a detector."""

    frame_index: int
    """In the whole video, from 0."""
    pts: int
    """In the source's time base, from the manifest."""
    rgb: Rgb = field(repr=False)
    """(H, W, 3) uint8, contiguous, upright, in display size (`Source.size_px`).

    Read-only: an unreadable frame shares it.
    """
    readable: bool
    """False where the decoder gave no picture: then `rgb` repeats the frame before, or is black."""
    notes: tuple[str, ...] = ()
    """What is wrong with the picture, for people."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawableFrame:
    """One frame, to be drawn on."""

    frame_index: int
    """In the whole video, from 0."""
    pts: int
    """In the source's time base, from the manifest."""
    canvas: Canvas = field(repr=False)
    """The picture, nobody else's."""
    readable: bool
    """False where the decoder gave no picture: then it is the frame before's, or black."""


class _DamagedPacketError(Exception):
    """A packet could not be decoded while several threads were at it."""


def decode_chunk(
    path: Path, video: VideoSpec, chunk: ChunkSpec, *, threads: int = 1
) -> Iterator[DecodedFrame]:
    """Yield `chunk.frame_count` frames, whatever state the packets are in. Threads do not change the result.

    Raises `IntegrityError` where the file itself is not what the splitter wrote.
    """
    convert = ColourConverter(video, quick=True)
    last = np.zeros((video.height_px, video.width_px, 3), dtype=np.uint8)
    with av_errors_of_our_own(path):
        pictures = chunk_pictures(path, video, chunk, threads=threads)
        for frame_index, pts, frame in zip(chunk.frame_indices, chunk.pts, pictures, strict=True):
            if frame is not None:
                last = convert.rgb(frame)
            yield DecodedFrame(frame_index=frame_index, pts=pts, rgb=last, readable=frame is not None)


def drawable_chunk(
    path: Path, video: VideoSpec, chunk: ChunkSpec, *, threads: int = 1
) -> Iterator[DrawableFrame]:
    """Yield the frames of `decode_chunk`, to be drawn on."""
    convert = ColourConverter(video, quick=True)
    last: VideoFrame | None = None
    with av_errors_of_our_own(path):
        pictures = chunk_pictures(path, video, chunk, threads=threads)
        for frame_index, pts, frame in zip(chunk.frame_indices, chunk.pts, pictures, strict=True):
            last = frame or last
            yield DrawableFrame(
                frame_index=frame_index,
                pts=pts,
                canvas=canvas_of(last, convert) if last else black_canvas(video.width_px, video.height_px),
                readable=frame is not None,
            )


def chunk_pictures(
    path: Path, video: VideoSpec, chunk: ChunkSpec, *, threads: int = 1
) -> Iterator[VideoFrame | None]:
    """Yield each of the chunk's frames as its decoder gives it, deinterlaced if need be, or None."""
    timed = _despite_damage(path, video, chunk, threads)
    if video.is_deinterlaced and not chunk.is_encoded_again:
        timed = _deinterlaced(timed)
    return _in_window(timed, chunk)


_Timed = tuple[int, VideoFrame]
"""(pts in the source's time base, frame)."""


def _deinterlaced(timed: Iterator[_Timed]) -> Iterator[_Timed]:
    pts_of: deque[int] = deque()

    def frames() -> Iterator[VideoFrame]:
        for pts, frame in timed:
            pts_of.append(pts)
            yield frame

    for frame in deinterlaced(frames()):
        yield pts_of.popleft(), frame


def _in_window(decoded: Iterator[_Timed], chunk: ChunkSpec) -> Iterator[VideoFrame | None]:
    """For every expected pts its frame, or None. Frames nobody expects are a neighbour's, or hidden."""
    upcoming = next(decoded, None)
    for pts in chunk.pts:
        while upcoming and upcoming[0] < pts:
            upcoming = next(decoded, None)
        if upcoming and upcoming[0] == pts:
            yield upcoming[1]
        else:
            yield None


def _despite_damage(path: Path, video: VideoSpec, chunk: ChunkSpec, threads: int) -> Iterator[_Timed]:
    """All frames of the file. After damage, where threads would decide what is lost, start over with one."""
    delivered = 0
    if threads != 1:
        try:
            for timed in _decoded(path, video, chunk, threads):
                yield timed
                delivered += 1
        except _DamagedPacketError:
            pass
        else:
            return
    yield from islice(_decoded(path, video, chunk, 1), delivered, None)


def _decoded(path: Path, video: VideoSpec, chunk: ChunkSpec, threads: int) -> Iterator[_Timed]:
    with open_media(path) as container:
        stream = _only_video(container, path)
        stream.thread_type = "AUTO"
        stream.thread_count = threads
        stream.codec_context.open()
        assert stream.time_base is not None
        unit = stream.time_base / video.seconds_per_pts
        for packet in container.demux(stream):
            try:
                frames = stream.codec_context.decode(packet if packet.size else None)
            except av.error.FFmpegError:
                if threads != 1:
                    raise _DamagedPacketError from None
                continue  # its frame will be missing, and is reported so
            for frame in frames:
                if frame.pts is not None:
                    yield round(frame.pts * unit) + chunk.offset_pts, frame


def _only_video(container: InputContainer, path: Path) -> VideoStream:
    if len(container.streams.video) != 1:
        raise IntegrityError(
            f"chunk {path.name} holds {len(container.streams.video)} video streams instead of one"
        )
    return container.streams.video[0]
