"""What only a decoder knows: which packets yield frames, in which order, and what these look like."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from api_client.media.opening import VideoPacket, open_video, packets_of

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


def decode_head(path: Path, stream_index: int) -> Head | None:
    """Decode the first packets, more of them only until one frame comes out; None if none does."""
    with open_video(path, stream_index) as (container, stream):
        stream.thread_type = "AUTO"
        packets = enumerate(packets_of(container, stream))
        frames = list(_decode(stream, islice(packets, _HEAD_PACKETS)))
        if not frames:
            frames += islice(_decode(stream, islice(packets, _MOST_PACKETS)), 1)
        frames += _flush(stream)
        if not frames:
            return None
        order = [frame.pts for frame in frames if frame.pts is not None]
        return Head(
            first_frame=frames[0],
            order=np.array(order, dtype=np.int64),
            is_interlaced=any(frame.interlaced_frame for frame in frames),
        )


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


def _decode(stream: VideoStream, packets: Iterator[tuple[int, VideoPacket]]) -> Iterator[VideoFrame]:
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
