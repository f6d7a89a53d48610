"""The last resort for a stream no container keeps exactly: chunks encoded again, without loss, as FFV1."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from api_client.errors import MediaError
from api_client.media.assemble.mp4_timing import exact_timing
from api_client.media.av_errors import av_errors_of
from api_client.media.frames.colour import ColourConverter, turned_back
from api_client.media.frames.deinterlace import deinterlaced
from api_client.media.opening import complete_or_gone
from api_client.media.parts.chunk_format import picture_hash
from api_client.media.parts.plan import ChunkPlan
from api_client.media.source.decoding_order import decoded_in_order
from api_client.media.source.source_video import SourceVideo


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownFrame:
    """A frame of the source."""

    pts: int
    digest: bytes
    """Of the picture as it was decoded; empty where nothing is to be compared with it."""
    picture: VideoFrame
    """Deinterlaced, where that is wanted."""


def reencoded_chunks(
    source: SourceVideo, plans: Sequence[ChunkPlan], directory: Path
) -> Iterator[tuple[ChunkPlan, Path]]:
    """Decode the source once; each chunk's file holds exactly its frames, bit for bit."""
    frames = shown_frames(source)
    for chunk in plans:
        path = directory / f"{chunk.index:06d}.mp4"
        encoded_again(source, chunk, path, frames)
        yield chunk, path


def encoded_again(
    source: SourceVideo, chunk: ChunkPlan, path: Path, frames: Iterator[ShownFrame]
) -> list[bytes]:
    """Write a chunk's frames, which are next in `frames`, into a file; return the hash of each."""
    timing = exact_timing(source.table.time_base.denominator)
    hashes = []
    with av_errors_of(path), complete_or_gone(path, format_name="mp4", options=timing) as file:
        writer = _Writer(file, source, chunk.offset_pts)
        for pts in chunk.pts:
            shown = _expected(frames, pts, source)
            hashes.append(shown.digest)
            writer.write(pts, shown.picture)
        writer.finish()
    return hashes


def shown_frames(source: SourceVideo) -> Iterator[ShownFrame]:
    """Every frame a viewer gets to see of what is taken, from one plain decode of the source."""
    with av_errors_of(source.path):
        for frame in _deinterlaced_frames(source) if source.video.is_deinterlaced else _plain_frames(source):
            if frame.pts >= source.video.first_pts:
                yield frame


def _deinterlaced_frames(source: SourceVideo) -> Iterator[ShownFrame]:
    waiting: deque[ShownFrame] = deque()
    for picture in deinterlaced(_remembered(_plain_frames(source), waiting)):
        plain = waiting.popleft()
        yield ShownFrame(pts=plain.pts, digest=plain.digest, picture=picture)


def _plain_frames(source: SourceVideo) -> Iterator[ShownFrame]:
    if source.made is not None:
        for pts, picture in zip(source.table.shown_pts, source.made(), strict=False):
            yield ShownFrame(pts=int(pts), digest=b"", picture=picture)
        return
    for index, frame in decoded_in_order(source.path, source.stream_index):
        if source.table.is_shown[index]:
            digest = picture_hash(frame) if source.is_suspicious else b""
            yield ShownFrame(pts=int(source.table.pts[index]), digest=digest, picture=frame)


def _remembered(frames: Iterator[ShownFrame], waiting: "deque[ShownFrame]") -> Iterator[VideoFrame]:
    for frame in frames:
        waiting.append(frame)
        yield frame.picture


def _expected(frames: Iterator[ShownFrame], pts: int, source: SourceVideo) -> ShownFrame:
    frame = next(frames, None)
    if frame is None or frame.pts != pts:
        raise MediaError(
            f"{source.path} decodes differently the second time (pts {pts}); convert it to H.264 first"
        )
    return frame


class _Writer:
    """Encodes frames in their own pixel format, or as RGB if FFV1 does not know it."""

    def __init__(self, file: OutputContainer, source: SourceVideo, offset_pts: int) -> None:
        self._file = file
        self._source = source
        self._offset_pts = offset_pts
        self._stream: VideoStream | None = None
        as_decoded = turned_back(source.video)
        self._size_px = (as_decoded.width_px, as_decoded.height_px)
        self._convert = ColourConverter(as_decoded, quick=True)

    def write(self, pts: int, frame: VideoFrame) -> None:
        if self._stream is None:
            self._stream = self._ffv1(frame)
        size = (frame.width, frame.height)
        is_other = size != (self._stream.width, self._stream.height)
        if is_other or frame.format.name.replace("yuvj", "yuv") != self._stream.pix_fmt:
            # The conversion that workers would do, so that theirs has nothing left to do.
            frame = VideoFrame.from_ndarray(self._convert.rgb(frame), format="rgb24").reformat(format="bgr0")
        frame.pts = pts - self._offset_pts
        frame.time_base = self._source.table.time_base
        self._file.mux(self._stream.encode(frame))

    def finish(self) -> None:
        assert self._stream is not None, "a chunk has frames"
        self._file.mux(self._stream.encode(None))

    def _ffv1(self, frame: VideoFrame) -> VideoStream:
        rate = Fraction(*self._source.video.average_rate)
        stream = self._file.add_stream("ffv1", rate=rate, options={"threads": "1"})
        stream.width, stream.height = self._size_px
        has_one_size = (frame.width, frame.height) == self._size_px
        stream.pix_fmt = _lossless_format(frame.format.name) if has_one_size else "bgr0"
        stream.codec_context.time_base = self._source.table.time_base
        return stream


def _lossless_format(name: str) -> str:
    known = {pixel_format.name for pixel_format in av.Codec("ffv1", "w").video_formats or ()}
    plain = name.replace("yuvj", "yuv")
    return plain if plain in known else "bgr0"
