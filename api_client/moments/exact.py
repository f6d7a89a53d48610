"""Clips that begin and end with the very frames of a moment: decoded, and encoded as annotated video is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from api_client.contract import ChunkSpec
from api_client.media.av_errors import av_errors_of_our_own
from api_client.media.frames.colour import ColourConverter, Rgb
from api_client.media.frames.decode import chunk_pictures
from api_client.media.frames.encode import SegmentWriter, timescale_of
from api_client.media.opening import VideoPacket, open_media, packets_of
from api_client.moments.moment import Moment
from api_client.moments.pictures import Piece
from api_client.moments.stored_footage import StoredFootage

_DECODER_THREADS = 2


class ExactPictures:
    """`Pictures` of one moment or, as a reel, of several."""

    def __init__(self, footage: StoredFootage, moments: Sequence[Moment], path: Path) -> None:
        """Encode them into a file at this path, which has no sound."""
        self._footage, self._video, self._path = footage, footage.source.video, path
        self.time_base = Fraction(1, timescale_of(self._video))
        self.pieces = self._encoded(moments)
        self.pts: NDArray[np.int64] = np.array(list(self._times()), np.int64)

    @contextmanager
    def template(self) -> Iterator[VideoStream]:
        """The stream as it was encoded."""
        with av_errors_of_our_own(self._path), open_media(self._path) as container:
            yield container.streams.video[0]

    def packets(self) -> Iterator[VideoPacket]:
        """Read what was encoded."""
        with av_errors_of_our_own(self._path), open_media(self._path) as container:
            yield from packets_of(container, container.streams.video[0])

    def _times(self) -> Iterator[int]:
        for packet in self.packets():
            assert packet.pts is not None
            assert packet.time_base is not None
            yield round(packet.pts * packet.time_base / self.time_base)

    def _encoded(self, moments: Sequence[Moment]) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        with SegmentWriter(self._path, self._video) as writer:
            for moment in moments:
                at = pieces[-1].at + pieces[-1].end - pieces[-1].start if pieces else Fraction(0)
                pieces.append(self._encode(writer, moment, at))
        return tuple(pieces)

    def _encode(self, writer: SegmentWriter, moment: Moment, at: Fraction) -> Piece:
        seconds_per_pts = self._video.seconds_per_pts
        start: int | None = None
        pts = 0
        for pts, rgb in self._frames(moment):
            start = pts if start is None else start
            writer.write_at(rgb, round(((pts - start) * seconds_per_pts + at) / self.time_base))
        assert start is not None, "a moment has frames"
        end = self._after(moment, pts)
        return Piece(start=start * seconds_per_pts, end=end * seconds_per_pts, at=at)

    def _after(self, moment: Moment, last_pts: int) -> Fraction:
        """When the frame after the moment is shown, in the source's time base."""
        first = moment.last_frame + 1
        if first < self._video.end_frame:
            (chunk,) = self._footage.parts_with(first, first)
            return Fraction(next(pts for pts in chunk.pts if pts > last_pts))
        rate, per = self._video.average_rate
        return last_pts + Fraction(per, rate) / self._video.seconds_per_pts

    def _frames(self, moment: Moment) -> Iterator[tuple[int, Rgb]]:
        """Yield pts and picture of each; one that cannot be decoded repeats the one before, or is black."""
        convert = ColourConverter(self._video)
        last: Rgb = np.zeros((self._video.height_px, self._video.width_px, 3), np.uint8)
        for chunk in self._footage.parts_with(moment.first_frame, moment.last_frame):
            for frame_index, pts, picture in self._decoded(chunk):
                if frame_index > moment.last_frame:
                    return
                if frame_index >= moment.first_frame:
                    last = last if picture is None else convert.rgb(picture)
                    yield pts, last

    def _decoded(self, chunk: ChunkSpec) -> Iterator[tuple[int, int, VideoFrame | None]]:
        path = self._footage.path(chunk)
        with av_errors_of_our_own(path):
            pictures = chunk_pictures(path, self._video, chunk, threads=_DECODER_THREADS)
            yield from zip(chunk.frame_indices, chunk.pts, pictures, strict=True)
