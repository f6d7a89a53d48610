"""Clips without encoding: the packets from the key frame before a moment to its end.

Neighbouring parts hold the packets around their border twice, so that each decodes by itself. In decoding
order, each packet once, they are the source's stream again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from api_client.contract import ChunkSpec
from api_client.media.av_errors import av_errors_of_our_own
from api_client.media.opening import VideoPacket, open_media, packets_of
from api_client.moments.moment import Moment
from api_client.moments.pictures import Piece
from api_client.moments.stored_footage import StoredFootage

_IN_MP4 = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"})
"""What players expect in an mp4."""
_TIMED_CONTAINER = "mp4"
"""Of FFmpeg's names for the format of a part. NUT, for old codecs, does not keep every timestamp."""


class NotCopyableError(Exception):
    """The packets of a moment cannot stand in a file of their own; the message says why."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cut:
    """The packets of one moment."""

    parts: tuple[ChunkSpec, ...]
    kept: NDArray[np.bool_]
    """For each of the parts' packets in decoding order, each once."""
    pts: NDArray[np.int64]
    """Of the kept ones, in the source's time base."""
    end_pts: int
    """When the frame after the last is shown."""


class CopiedPictures:
    """`Pictures` of one moment or, as a reel, of several."""

    def __init__(self, footage: StoredFootage, moments: Sequence[Moment]) -> None:
        """Raise `NotCopyableError` where packets of these moments cannot be copied."""
        self._footage = footage
        self.time_base = footage.source.video.seconds_per_pts
        self._head: tuple[str, bytes | None] | None = None
        self._cuts = [self._cut(moment) for moment in moments]
        self.pieces = tuple(self._laid_out())
        shifted = [
            cut.pts - int(cut.pts.min()) + round(piece.at / self.time_base)
            for cut, piece in zip(self._cuts, self.pieces, strict=True)
        ]
        self.pts: NDArray[np.int64] = np.concatenate(shifted)

    @contextmanager
    def template(self) -> Iterator[VideoStream]:
        """The stream of the first part."""
        with self._opened(self._cuts[0].parts[0]) as (_, stream):
            yield stream

    def packets(self) -> Iterator[VideoPacket]:
        """Read the parts once more."""
        for cut in self._cuts:
            for (_, packet), is_kept in zip(self._each_once(cut.parts), cut.kept.tolist(), strict=True):
                if is_kept:
                    yield packet

    def _laid_out(self) -> Iterator[Piece]:
        at = Fraction(0)
        for cut in self._cuts:
            start, end = (Fraction(pts) * self.time_base for pts in (int(cut.pts.min()), cut.end_pts))
            yield Piece(start=start, end=end, at=at)
            at += end - start

    def _cut(self, moment: Moment) -> _Cut:
        parts = self._footage.parts_with(moment.first_frame, moment.last_frame)
        table = [(pts, packet.is_keyframe) for pts, packet in self._each_once(parts)]
        pts = np.array([row[0] for row in table], np.int64)
        is_key = np.array([row[1] for row in table], np.bool_)
        first, last = _pts_of(parts, moment.first_frame), _pts_of(parts, moment.last_frame)
        kept = _chosen(pts, is_key, first, last)
        return _Cut(
            parts=tuple(parts), kept=kept, pts=pts[kept], end_pts=self._after(parts, int(pts[kept].max()))
        )

    def _after(self, parts: Sequence[ChunkSpec], last_pts: int) -> int:
        """When the frame after this one is shown."""
        chunks = self._footage.source.chunks[parts[0].index : parts[-1].index + 2]
        following = next((pts for chunk in chunks for pts in chunk.pts if pts > last_pts), None)
        rate, per = self._footage.source.video.average_rate
        return following if following is not None else last_pts + round(Fraction(per, rate) / self.time_base)

    def _each_once(self, parts: Sequence[ChunkSpec]) -> Iterator[tuple[int, VideoPacket]]:
        """Yield the packets in decoding order with their pts in the source's time base."""
        seen: set[tuple[int, int]] = set()
        for chunk in parts:
            with self._opened(chunk) as (container, stream):
                assert stream.time_base is not None
                unit = stream.time_base / self.time_base
                for packet in packets_of(container, stream):
                    assert packet.pts is not None
                    pts = round(packet.pts * unit) + chunk.offset_pts
                    if (pts, packet.size) not in seen:
                        seen.add((pts, packet.size))
                        packet.duration = round((packet.duration or 0) * unit)
                        yield pts, packet

    @contextmanager
    def _opened(self, chunk: ChunkSpec) -> Iterator[tuple[InputContainer, VideoStream]]:
        if chunk.is_encoded_again:
            raise NotCopyableError("its packets do not decode by themselves")
        path = self._footage.path(chunk)
        with av_errors_of_our_own(path), open_media(path) as container:
            stream = container.streams.video[0]
            codec = stream.codec.canonical_name
            if codec not in _IN_MP4 or _TIMED_CONTAINER not in container.format.name.split(","):
                raise NotCopyableError(f"{codec} does not fit into an mp4")
            self._check_parameters(codec, stream.codec_context.extradata)
            yield container, stream

    def _check_parameters(self, codec: str, extradata: bytes | None) -> None:
        self._head = self._head or (codec, extradata)
        if self._head != (codec, extradata):
            raise NotCopyableError("the stream's parameters change")


def _pts_of(parts: Sequence[ChunkSpec], frame_index: int) -> int:
    chunk = next(part for part in parts if frame_index in part.frame_indices)
    start = chunk.first_frame
    for first, step, count in chunk.pts.runs:
        if frame_index < start + count:
            return first + step * (frame_index - start)
        start += count
    raise AssertionError("a chunk's runs hold its frames")


def _chosen(
    pts: NDArray[np.int64], is_key: NDArray[np.bool_], first_pts: int, last_pts: int
) -> NDArray[np.bool_]:
    """Which packets to keep: from a key frame on, without those that need what comes before it.

    The end is the earliest place after which nothing is shown that comes before what is kept, so that the
    last frames are without holes.
    """
    start = int(np.flatnonzero(is_key & (pts <= first_pts))[-1])
    latest = np.maximum.accumulate(np.where(np.arange(len(pts)) < start, np.iinfo(np.int64).min, pts))
    earliest_after = np.append(np.minimum.accumulate(pts[::-1])[::-1][1:], np.iinfo(np.int64).max)
    ends = np.flatnonzero((latest >= last_pts) & (earliest_after > latest))
    index = np.arange(len(pts))
    return np.asarray((index >= start) & (index <= ends[0]) & (pts >= pts[start]), np.bool_)
