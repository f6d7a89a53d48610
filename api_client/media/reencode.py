"""The last resort for a stream no container keeps exactly: chunks encoded again, without loss, as FFV1."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from api_client.errors import MediaError
from api_client.media.av_errors import av_errors_of
from api_client.media.colour import ColourConverter, turned_back
from api_client.media.decoding_order import decoded_in_order
from api_client.media.mp4_timing import exact_timing
from api_client.media.opened import complete_or_gone
from api_client.media.plan import ChunkPlan
from api_client.media.source_video import SourceVideo


def reencoded_chunks(
    source: SourceVideo, plans: Sequence[ChunkPlan], directory: Path
) -> Iterator[tuple[ChunkPlan, Path]]:
    """Decode the source once; each chunk's file holds exactly its frames, bit for bit."""
    frames = _shown_frames(source)
    timing = exact_timing(source.table.time_base.denominator)
    for chunk in plans:
        path = directory / f"{chunk.index:06d}.mp4"
        with av_errors_of(path), complete_or_gone(path, format_name="mp4", options=timing) as file:
            writer = _Writer(file, source, chunk.offset_pts)
            for pts in chunk.pts:
                writer.write(pts, _expected(frames, pts, source))
            writer.finish()
        yield chunk, path


def _shown_frames(source: SourceVideo) -> Iterator[tuple[int, VideoFrame]]:
    with av_errors_of(source.path):
        for index, frame in decoded_in_order(source.path, source.stream_index):
            if source.table.is_shown[index]:
                yield int(source.table.pts[index]), frame


def _expected(frames: Iterator[tuple[int, VideoFrame]], pts: int, source: SourceVideo) -> VideoFrame:
    found_pts, frame = next(frames, (None, None))
    if frame is None or found_pts != pts:
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
        self._convert = ColourConverter(turned_back(source.video))

    def write(self, pts: int, frame: VideoFrame) -> None:
        if self._stream is None:
            self._stream = self._ffv1(frame)
        if frame.format.name.replace("yuvj", "yuv") != self._stream.pix_fmt:
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
        stream.width, stream.height = frame.width, frame.height
        stream.pix_fmt = _lossless_format(frame.format.name)
        stream.codec_context.time_base = self._source.table.time_base
        return stream


def _lossless_format(name: str) -> str:
    known = {pixel_format.name for pixel_format in av.Codec("ffv1", "w").video_formats or ()}
    plain = name.replace("yuvj", "yuv")
    return plain if plain in known else "bgr0"
