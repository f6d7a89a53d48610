"""One pass over a file's packets, without decoding."""

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from api_client.errors import MediaError
from api_client.media.av_errors import NOT_A_VIDEO
from api_client.media.opening import AnyPacket
from api_client.media.source.decoding_order import Head, HeadDecoder
from api_client.media.source.keyframes import Keyframes
from api_client.media.source.packet_table import MISSING, PacketTable, SideTable
from api_client.media.source.presentation import shows_a_frame
from api_client.media.source.timestamps import unwrapped
from api_client.media.source.truncation import truncated

OnProgress = Callable[[int, int], None]
"""Called with (bytes done, bytes in total)."""

_PACKETS_PER_REPORT = 512
_COUNTERS_OF_33_BITS = ("mpegts", "mpeg")


@dataclass(frozen=True, kw_only=True, eq=False)
class Tables:
    """What the pass gives."""

    pictures: PacketTable
    head: Head | None
    """None where no frame comes out."""
    sides: Mapping[int, SideTable]
    """By index of the stream: sound and subtitles, also those that are declared and never come."""
    extradata: tuple[tuple[int, bytes], ...]
    """(packet from which on it holds, the decoder's parameters), where the container changes them."""
    are_parameters_changed: bool
    """Whether packets bring along other parameters than those before them."""
    is_incomplete: bool
    """Whether packets the headers promise are not there."""
    are_keyframes_doubtful: bool
    """Whether everything is called a keyframe, in a codec whose bytes do not tell."""


def read_tables(
    container: InputContainer, stream: VideoStream, path: Path, on_progress: OnProgress | None
) -> Tables:
    """Timestamps, sizes and flags as the container gives them, and the beginning decoded.

    Raises `MediaError` where the file breaks off.
    """
    if stream.codec_context is None:
        raise MediaError(f"{path} has a video codec that FFmpeg cannot decode; convert it to H.264 first")
    if stream.time_base is None:
        raise MediaError(f"{path} {NOT_A_VIDEO}")
    columns, head = _Columns(stream), HeadDecoder(stream)
    sides = {side.index: _SideColumns(side) for side in _side_streams(container)}
    total_bytes = path.stat().st_size
    try:
        for packet in container.demux([stream, *_side_streams(container)]):
            if packet.stream_index in sides:
                sides[packet.stream_index].append(packet, len(columns.pts))
            elif packet.size:
                columns.append(packet)
                head.append(packet)
                if on_progress and len(columns.pts) % _PACKETS_PER_REPORT == 1 and packet.pos:
                    on_progress(min(packet.pos, total_bytes), total_bytes)
    except av.error.FFmpegError as error:
        if not columns.pts:
            raise
        raise truncated(path, f"it cannot be read beyond frame {len(columns.pts)}") from error
    if on_progress:
        on_progress(total_bytes, total_bytes)
    wraps = container.format.name in _COUNTERS_OF_33_BITS
    pictures = columns.table(stream.time_base, wraps=wraps)
    counts = {stream.index: len(columns.pts), **{index: side.count for index, side in sides.items()}}
    return Tables(
        pictures=pictures,
        head=head.head(),
        is_incomplete=_lacks_packets(container, counts) or _ends_early(container, pictures),
        sides={index: side.table(wraps=wraps) for index, side in sides.items()},
        extradata=tuple(columns.keyframes.new_extradata.items()),
        are_parameters_changed=columns.keyframes.parameters_change,
        are_keyframes_doubtful=columns.keyframes.are_doubtful,
    )


def _lacks_packets(container: InputContainer, counts: Mapping[int, int]) -> bool:
    return any(stream.frames > counts.get(stream.index, stream.frames) for stream in container.streams)


def _ends_early(container: InputContainer, pictures: PacketTable) -> bool:
    """Whether the last picture comes long before the time at which the whole file is said to end."""
    times = np.sort(pictures.pts[pictures.pts != MISSING])
    if container.duration is None or len(times) < 2 or any(stream.frames for stream in container.streams):
        return False
    step = int(np.median(np.diff(times)))
    end = (int(times[-1]) + 2 * step) * pictures.time_base
    return end < Fraction(container.duration, av.time_base)


def _side_streams(container: InputContainer) -> list[Stream]:
    streams: list[Stream] = [*container.streams.audio, *container.streams.subtitles]
    return [stream for stream in streams if stream.codec_context is not None and stream.time_base]


class _SideColumns:
    """A side table under construction."""

    def __init__(self, stream: Stream) -> None:
        assert stream.time_base is not None
        self._time_base = stream.time_base
        self._pts, self._pictures_before = array("q"), array("q")
        self._last_duration = 0

    @property
    def count(self) -> int:
        return len(self._pts)

    def append(self, packet: AnyPacket, pictures: int) -> None:
        if packet.size:
            self._pts.append(_known(packet.dts if packet.pts is None else packet.pts))
            self._pictures_before.append(pictures)
            self._last_duration = packet.duration or self._last_duration

    def table(self, *, wraps: bool) -> SideTable:
        pts = _integers(self._pts)
        if wraps:
            pts, _ = unwrapped(pts, pts)
        return SideTable(
            pts=pts,
            pictures_before=_integers(self._pictures_before),
            last_duration=self._last_duration,
            time_base=self._time_base,
        )


class _Columns:
    """A table under construction."""

    def __init__(self, stream: VideoStream) -> None:
        self._codec = stream.codec.canonical_name
        self.keyframes = Keyframes(stream)
        self.pts = array("q")
        self.dts = array("q")
        self.size_bytes = array("i")
        self.is_key = array("b")
        self.is_discard = array("b")
        self.is_shown = array("b")

    def append(self, packet: AnyPacket) -> None:
        self.pts.append(_known(packet.pts))
        self.dts.append(_known(packet.dts))
        self.size_bytes.append(packet.size)
        self.is_key.append(self.keyframes.can_start_at(packet))
        self.is_discard.append(packet.is_discard)
        self.is_shown.append(not packet.is_discard and shows_a_frame(self._codec, packet))

    def table(self, time_base: Fraction, *, wraps: bool) -> PacketTable:
        pts, dts = _integers(self.pts), _integers(self.dts)
        if wraps:
            pts, dts = unwrapped(pts, dts)
        return PacketTable(
            pts=pts,
            dts=dts,
            size_bytes=np.array(self.size_bytes, dtype=np.int32),
            is_key=np.array(self.is_key, dtype=np.bool_),
            is_discard=np.array(self.is_discard, dtype=np.bool_),
            is_shown=np.array(self.is_shown, dtype=np.bool_),
            time_base=time_base,
            breaks=tuple(self.keyframes.new_extradata),
        )


def _known(timestamp: int | None) -> int:
    return MISSING if timestamp is None else timestamp


def _integers(values: "array[int]") -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)
