"""One pass over a video stream's packets, without decoding."""

from array import array
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from api_client.errors import MediaError
from api_client.media.av_errors import NOT_A_VIDEO
from api_client.media.keyframes import Keyframes
from api_client.media.opened import VideoPacket, packets_of
from api_client.media.packet_table import MISSING, PacketTable
from api_client.media.shown import shows_a_frame
from api_client.media.truncation import truncated

OnProgress = Callable[[int, int], None]
"""Called with (bytes done, bytes in total)."""

_PACKETS_PER_REPORT = 512


def read_table(
    container: InputContainer, stream: VideoStream, path: Path, on_progress: OnProgress | None
) -> PacketTable:
    """Timestamps, sizes and flags as the container gives them; `MediaError` where the file breaks off."""
    if stream.codec_context is None:
        raise MediaError(f"{path} has a video codec that FFmpeg cannot decode; convert it to H.264 first")
    if stream.time_base is None:
        raise MediaError(f"{path} {NOT_A_VIDEO}")
    columns = _Columns(stream)
    total_bytes = path.stat().st_size
    try:
        for count, packet in enumerate(packets_of(container, stream)):
            columns.append(packet)
            if on_progress and count % _PACKETS_PER_REPORT == 0 and packet.pos:
                on_progress(min(packet.pos, total_bytes), total_bytes)
    except av.error.FFmpegError as error:
        if not columns.pts:
            raise
        raise truncated(path, f"it cannot be read beyond frame {len(columns.pts)}") from error
    if on_progress:
        on_progress(total_bytes, total_bytes)
    return columns.table(stream.time_base)


class _Columns:
    """A table under construction."""

    def __init__(self, stream: VideoStream) -> None:
        self._codec = stream.codec.canonical_name
        self._keyframes = Keyframes(stream)
        self.pts = array("q")
        self.dts = array("q")
        self.size_bytes = array("i")
        self.is_key = array("b")
        self.is_discard = array("b")
        self.is_shown = array("b")

    def append(self, packet: VideoPacket) -> None:
        self.pts.append(MISSING if packet.pts is None else packet.pts)
        self.dts.append(MISSING if packet.dts is None else packet.dts)
        self.size_bytes.append(packet.size)
        self.is_key.append(self._keyframes.can_start_at(packet))
        self.is_discard.append(packet.is_discard)
        self.is_shown.append(not packet.is_discard and shows_a_frame(self._codec, packet))

    def table(self, time_base: Fraction) -> PacketTable:
        return PacketTable(
            pts=np.array(self.pts, dtype=np.int64),
            dts=np.array(self.dts, dtype=np.int64),
            size_bytes=np.array(self.size_bytes, dtype=np.int32),
            is_key=np.array(self.is_key, dtype=np.bool_),
            is_discard=np.array(self.is_discard, dtype=np.bool_),
            is_shown=np.array(self.is_shown, dtype=np.bool_),
            time_base=time_base,
        )
