"""What only a decoder knows: which packets yield frames, in which order, and what these look like."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from api_client.media.opening import AnyPacket, VideoPacket, open_video, packets_of

_HEAD_PACKETS = 48
_MOST_PACKETS = 1000
"""A broadcast recording may begin in the middle of a group of pictures; longer than this, none does."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Head:
    """The beginning of a stream, decoded."""

    first_frame: VideoFrame
    order: NDArray[np.int64]
    """Indices of packets, in the order in which their frames came out."""
    is_interlaced: bool
    """Whether any frame says that it consists of two fields."""

    @property
    def is_every_second_packet(self) -> bool:
        """Whether frames consist of two packets each: field pictures."""
        indices = np.sort(self.order)
        return bool(len(indices) > 2 and np.count_nonzero(np.diff(indices) == 2) > len(indices) // 4)


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """A stream, decoded from its first packet to its last."""

    order: NDArray[np.int64]
    """Indices of packets, in the order in which their frames came out."""
    sizes_px: tuple[tuple[int, int], ...]
    """(width, height) of frames, as they change."""
    is_interlaced: bool
    colours: frozenset[tuple[int, int]]
    """(matrix, range) of frames, by H.273 and FFmpeg."""


class HeadDecoder:
    """Decodes the first packets of a stream that is read, more of them only until one frame comes out."""

    def __init__(self, stream: VideoStream) -> None:
        stream.thread_type = "AUTO"
        self._stream = stream
        self._packets = 0
        self._first_frame: VideoFrame | None = None
        self._order: list[int] = []
        self._is_interlaced = False

    def append(self, packet: AnyPacket) -> None:
        """Take the next packet. Its pts is overwritten."""
        index, self._packets = self._packets, self._packets + 1
        if index < _HEAD_PACKETS or (self._first_frame is None and index < _HEAD_PACKETS + _MOST_PACKETS):
            self._take(_decode(self._stream, [(index, packet)]))

    def head(self) -> Head | None:
        """What came out, once all packets that there are have been taken; None if no frame did."""
        self._take(_flush(self._stream))
        if self._first_frame is None:
            return None
        return Head(
            first_frame=self._first_frame,
            order=np.array(self._order, dtype=np.int64),
            is_interlaced=self._is_interlaced,
        )

    def _take(self, frames: Iterable[VideoFrame]) -> None:
        for frame in frames:
            self._first_frame = self._first_frame or frame
            self._is_interlaced |= frame.interlaced_frame
            if frame.pts is not None:
                self._order.append(frame.pts)


def decoded_in_order(path: Path, stream_index: int) -> Iterator[tuple[int, VideoFrame]]:
    """Decode everything: (index of the packet, frame), in the order in which frames come out."""
    with open_video(path, stream_index) as (container, stream):
        stream.thread_type = "AUTO"
        for frame in chain(_decode(stream, enumerate(packets_of(container, stream))), _flush(stream)):
            if frame.pts is not None:
                yield frame.pts, frame


def survey(path: Path, stream_index: int) -> Survey:
    """Decode everything, and say what came out."""
    order: list[int] = []
    sizes: list[tuple[int, int]] = []
    colours: set[tuple[int, int]] = set()
    is_interlaced = False
    for index, frame in decoded_in_order(path, stream_index):
        order.append(index)
        if not sizes or sizes[-1] != (frame.width, frame.height):
            sizes.append((frame.width, frame.height))
        colours.add((int(frame.colorspace), int(frame.color_range)))
        is_interlaced |= frame.interlaced_frame
    return Survey(
        order=np.array(order, dtype=np.int64),
        sizes_px=tuple(sizes),
        is_interlaced=is_interlaced,
        colours=frozenset(colours),
    )


def _decode(
    stream: VideoStream, packets: "Iterable[tuple[int, AnyPacket | VideoPacket]]"
) -> Iterator[VideoFrame]:
    """Frames whose pts is the index of their packet: decoders hand pts through, whatever they mean."""
    for index, packet in packets:
        packet.pts = index
        try:
            yield from stream.codec_context.decode(packet)
        except av.error.FFmpegError:
            continue  # one damaged packet; what depends on it is found out by the frames that are missing


def _flush(stream: VideoStream) -> Iterator[VideoFrame]:
    try:
        yield from stream.codec_context.decode(None)
    except av.error.FFmpegError:
        return
