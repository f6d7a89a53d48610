"""Writing one chunk's file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from api_client.media.assemble.mp4_timing import exact_timing
from api_client.media.av_errors import av_errors_of
from api_client.media.opening import VideoPacket
from api_client.media.source.timestamps import monotonic_dts

ChunkFormat = Literal["mp4", "mov", "nut"]

CHUNK_FORMATS: tuple[ChunkFormat, ...] = ("mp4", "mov", "nut")
"""In the order in which they are tried. NUT takes old codecs (VP8, WMV, Huffyuv, ...) but forgets the pts of
reordered frames, so it comes last; Matroska would round timestamps to milliseconds."""


class ChunkWriter:
    """Copies packets into a file of their own, with zero-based timestamps. Use as a context manager."""

    def __init__(
        self,
        path: Path,
        template: VideoStream,
        *,
        format_name: ChunkFormat,
        pts: NDArray[np.int64],
        offset_pts: int,
        time_base: Fraction,
        is_key: NDArray[np.bool_],
        extradata: bytes | None = None,
    ) -> None:
        """`pts` and `is_key` are those of every packet to come, in decoding order.

        An mp4 in which everything claims to be a keyframe is read without the packets before its edit list.
        `extradata`: the decoder's parameters, where they are not the template's.
        """
        self._path = path
        self._pts = pts - offset_pts
        self._dts = monotonic_dts(self._pts)
        self._time_base = time_base
        self._is_key = is_key
        self._next = 0
        self._file = av.open(
            str(path.absolute()), "w", format=format_name, options=_options(format_name, time_base)
        )
        # opaque: PyAV otherwise looks for an encoder of that name, and most codecs have none
        self._stream = self._file.add_stream_from_template(template, opaque=True)
        self._stream.time_base = time_base
        if extradata is not None:
            self._stream.codec_context.extradata = extradata

    def write(self, packet: VideoPacket) -> None:
        """Add the next packet. Its timestamps are overwritten."""
        packet.stream = self._stream
        packet.time_base = self._time_base
        packet.pts = int(self._pts[self._next])
        packet.dts = int(self._dts[self._next])
        packet.is_keyframe = bool(self._is_key[self._next]) or self._next == 0
        packet.duration = max(packet.duration or 0, 0)
        self._next += 1
        with av_errors_of(self._path):
            self._file.mux(packet)

    def close(self) -> None:
        """Finish the file."""
        with av_errors_of(self._path):
            self._file.close()

    def __enter__(self) -> ChunkWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _options(format_name: ChunkFormat, time_base: Fraction) -> dict[str, str]:
    return {} if format_name == "nut" else exact_timing(time_base.denominator)
