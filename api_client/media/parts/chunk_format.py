"""Choosing the container for chunks: the first that gives back the same frames at the same times."""

from __future__ import annotations

import hashlib
import tempfile
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream
from numpy.typing import NDArray

from api_client.errors import MediaError
from api_client.media.opening import VideoPacket, open_media, open_video, packets_of
from api_client.media.parts.chunk_file import CHUNK_FORMATS, ChunkFormat, ChunkWriter
from api_client.media.source.packet_table import PacketTable

_TRIAL_PACKETS = 6
_SAYING_ALL = ("h264", "hevc")
"""Codecs of which packets and parameters say all that a decoder goes by."""

_Frames = dict[int, bytes]
"""pts → hash of the decoded picture."""


def fitting_format(path: Path, stream_index: int, table: PacketTable) -> ChunkFormat | None:
    """Decided by copying the first packets and decoding the copy; None if no container will do.

    Lists of what a container supports do not tell: raw video loses its pixel format, and so on.
    """
    count = int(np.argmax(table.is_shown)) + _TRIAL_PACKETS
    if _is_kept_to_the_bit(path, stream_index, table, count):
        return "mp4"
    with open_video(path, stream_index) as (container, stream), tempfile.TemporaryDirectory() as scratch:
        packets = list(islice(packets_of(container, stream), count))
        expected = _decoded(stream, packets, table)
        for name in CHUNK_FORMATS:
            copy = Path(scratch, name)
            if _fits(name, table) and _copied(copy, name, stream, packets, table) == expected:
                return name
    return None


def _is_kept_to_the_bit(path: Path, stream_index: int, table: PacketTable, count: int) -> bool:
    """Whether an mp4 gives back the first packets bit by bit, at their times: of these nothing is decoded.

    That is so of most videos that come in one, and takes a third of the time.
    """
    with open_video(path, stream_index) as (container, stream), tempfile.TemporaryDirectory() as scratch:
        if stream.codec.canonical_name not in _SAYING_ALL or not table.is_shown[:count].all():
            return False
        packets = list(islice(packets_of(container, stream), count))
        if any(packet.is_discard or any(packet.iter_sidedata()) for packet in packets):
            return False
        wanted = _parameters(stream), _contents(packets), table.pts[: len(packets)].tolist()
        copy = Path(scratch, "mp4")
        try:
            if not _fits("mp4", table):
                return False
            offset = _write(copy, "mp4", stream, packets, table)
            with open_media(copy) as copied:
                there = copied.streams.video[0]
                again = [packet for packet in copied.demux(there) if packet.size]
                return wanted == (_parameters(there), _contents(again), _times(again, table, offset))
        except (av.error.FFmpegError, ValueError, MediaError):
            return False


def _parameters(stream: VideoStream) -> tuple[object, ...]:
    context = stream.codec_context
    return (
        *(stream.codec.canonical_name, context.codec_tag, context.pix_fmt, context.width, context.height),
        *(context.profile, context.bits_per_coded_sample, bytes(context.extradata or b"")),
    )


def _contents(packets: list[VideoPacket]) -> list[tuple[bytes, bool]]:
    return [(bytes(packet), packet.is_keyframe) for packet in packets]


def _times(packets: list[VideoPacket], table: PacketTable, offset_pts: int) -> list[Fraction | None]:
    """On the source's clock."""
    return [
        None if packet.pts is None else packet.pts * Fraction(packet.time_base) / table.time_base + offset_pts
        for packet in packets
    ]


def _fits(name: ChunkFormat, table: PacketTable) -> bool:
    """An mp4 stores the time between two frames, in units of the time base's denominator, in 32 bits."""
    longest = int(np.abs(np.diff(table.pts)).max(initial=0)) * table.time_base.numerator
    return name == "nut" or longest < 2**31


def _decoded(stream: VideoStream, packets: list[VideoPacket], table: PacketTable) -> _Frames:
    for packet, pts in zip(packets, table.pts.tolist(), strict=False):
        packet.pts = pts
    frames = chain.from_iterable(_decode(stream, packet) for packet in [*packets, None])
    return {frame.pts: picture_hash(frame) for frame in frames if frame.pts is not None}


def _decode(stream: VideoStream, packet: VideoPacket | None) -> list[VideoFrame]:
    try:
        return stream.codec_context.decode(packet)
    except av.error.FFmpegError:
        return []  # the copy must fail in the same way


def _copied(
    path: Path, name: ChunkFormat, stream: VideoStream, packets: list[VideoPacket], table: PacketTable
) -> _Frames | None:
    """What comes out of a copy; None if it cannot be written or read."""
    try:
        return _read_back(path, _write(path, name, stream, packets, table), table)
    except (av.error.FFmpegError, ValueError, MediaError):
        return None


def _write(
    path: Path, name: ChunkFormat, stream: VideoStream, packets: list[VideoPacket], table: PacketTable
) -> int:
    """Write a copy; return by how much its times are earlier."""
    pts = table.pts[: len(packets)]
    offset = int(pts.min())
    with ChunkWriter(
        path,
        stream,
        format_name=name,
        pts=pts,
        is_key=table.is_key,
        offset_pts=offset,
        time_base=table.time_base,
    ) as writer:
        for packet in packets:
            writer.write(packet)
    return offset


def _read_back(path: Path, offset_pts: int, table: PacketTable) -> _Frames:
    shown = set(table.shown_pts[:1000].tolist())
    frames = {}
    with open_media(path) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for packet in container.demux(stream):
            for frame in _decode(stream, packet if packet.size else None):
                assert frame.pts is not None
                pts = frame.pts * stream.time_base / table.time_base + offset_pts
                if pts in shown:
                    frames[int(pts)] = picture_hash(frame)
    return frames


def picture_hash(frame: VideoFrame) -> bytes:
    """Of the pixels alone: the planes themselves end in padding, whose bytes are arbitrary."""
    digest = hashlib.sha256(f"{frame.format.name} {frame.width}x{frame.height}".encode())
    digest.update(_pixels(frame).tobytes())
    return digest.digest()


def _pixels(frame: VideoFrame) -> NDArray[Any]:
    """As they are in the commonest format; in others, which PyAV does not all know, as RGB."""
    if frame.format.name == "yuv420p" and frame.width % 2 == frame.height % 2 == 0:
        return frame.to_ndarray()
    exact = Interpolation.POINT | Interpolation.BITEXACT
    return frame.reformat(format="rgb48le", interpolation=exact, threads=1).to_ndarray()
