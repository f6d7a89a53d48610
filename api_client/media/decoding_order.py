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

from api_client.media.opened import VideoPacket, opened_video, packets_of

_HEAD_PACKETS = 48
_PATIENCE_PACKETS = 1000
"""A broadcast recording may begin in the middle of a group of pictures; longer than this, none does."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Head:
    """The beginning of a stream, decoded."""

    first_frame: VideoFrame
    order: NDArray[np.int64]
    """Indices of packets, in the order in which their frames came out."""


def decode_head(path: Path, stream_index: int) -> Head | None:
    """Decode the first packets, more of them only until one frame comes out; None if none does."""
    with opened_video(path, stream_index) as (container, stream):
        stream.thread_type = "AUTO"
        packets = enumerate(packets_of(container, stream))
        frames = list(_decode(stream, islice(packets, _HEAD_PACKETS)))
        if not frames:
            frames += islice(_decode(stream, islice(packets, _PATIENCE_PACKETS)), 1)
        frames += _flush(stream)
        if not frames:
            return None
        order = [frame.pts for frame in frames if frame.pts is not None]
        return Head(first_frame=frames[0], order=np.array(order, dtype=np.int64))


def decoded_in_order(path: Path, stream_index: int) -> Iterator[tuple[int, VideoFrame]]:
    """Decode everything: (index of the packet, frame), in the order in which frames come out."""
    with opened_video(path, stream_index) as (container, stream):
        stream.thread_type = "AUTO"
        for frame in chain(_decode(stream, enumerate(packets_of(container, stream))), _flush(stream)):
            if frame.pts is not None:
                yield frame.pts, frame


def decode_order(path: Path, stream_index: int) -> NDArray[np.int64]:
    """Decode everything: indices of packets, in the order in which their frames come out."""
    return np.array([index for index, _ in decoded_in_order(path, stream_index)], dtype=np.int64)


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
