"""Which packets that call themselves keyframes decoding can really start at."""

import av
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from api_client.media.opened import VideoPacket

_IDR = 5
_ALWAYS_TRIED = 8
_TRIED_ONCE_IN = 64


class Keyframes:
    """Judges the keyframes of one stream, in order.

    An H.264 stream with gradual refresh has "recovery points" that FFmpeg flags as keyframes, though no
    picture is complete until a second later. Such a packet is decoded alone, and is a keyframe if a frame
    comes out. Encoders do not change their habits: after the first few, only some are tried.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._codec = stream.codec.name
        self._is_doubtful = stream.codec.canonical_name == "h264"
        self._extradata = stream.codec_context.extradata
        self._tried = 0
        self._verdict = True

    def can_start_at(self, packet: VideoPacket) -> bool:
        """Whether a chunk may begin with this packet."""
        if not packet.is_keyframe:
            return False
        if not self._is_doubtful or _IDR in _nal_types(bytes(packet), self._extradata):
            return True
        if self._tried < _ALWAYS_TRIED or self._tried % _TRIED_ONCE_IN == 0:
            self._verdict = self._yields_a_frame(packet)
        self._tried += 1
        return self._verdict

    def _yields_a_frame(self, packet: VideoPacket) -> bool:
        context = CodecContext.create(self._codec, "r")
        assert isinstance(context, VideoCodecContext)
        context.extradata = self._extradata
        try:
            return bool([*context.decode(packet), *context.decode(None)])
        except av.error.FFmpegError:
            return False


def _nal_types(data: bytes, extradata: bytes | None) -> set[int]:
    """Types of the units in an H.264 packet (ISO 14496-10, 7.4.1), length-prefixed or with start codes."""
    if extradata and extradata[0] == 1:
        return set(_length_prefixed_types(data, (extradata[4] & 3) + 1))
    types = set()
    at = data.find(b"\0\0\1")
    while 0 <= at < len(data) - 3:
        types.add(data[at + 3] & 0x1F)
        at = data.find(b"\0\0\1", at + 3)
    return types


def _length_prefixed_types(data: bytes, width: int) -> list[int]:
    types = []
    at = 0
    while at + width < len(data):
        types.append(data[at + width] & 0x1F)
        at += width + int.from_bytes(data[at : at + width], "big")
    return types
