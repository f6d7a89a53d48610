"""Which packets decoding can really start at, and where a stream's parameters change."""

import av
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from api_client.media.opening import AnyPacket
from api_client.media.source.bitstream import INTRA_ONLY, Look, look

_ALWAYS_TRIED = 8
_TRIED_ONCE_IN = 64
_MAY_NEED_MORE = ("mpeg1video", "mpeg2video", "mpeg4", "theora")
"""An intra picture of these may need a header from before it: the container must agree."""
_FIRST_BYTES = 4096
"""Parameters and headers come first; a packet in which nothing else fits is looked at as a whole."""


class Keyframes:
    """Judges the packets of one stream, in order, by their bytes rather than by the container's word.

    An H.264 stream with gradual refresh has "recovery points" that FFmpeg flags as keyframes, though no
    picture is complete until a second later. Such a packet is decoded alone, and is a keyframe if a frame
    comes out. Encoders do not change their habits: after the first few, only some are tried.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._codec = stream.codec.name
        self._name = stream.codec.canonical_name
        self.extradata = stream.codec_context.extradata
        self._original = self.extradata or b""
        self._tried = 0
        self._verdict = True
        self._parameters: dict[str, bytes] = {}
        self._packets = 0
        self._claimed = 0
        self._claims_believed = 0
        self.parameters_change = False
        """Whether packets brought along other parameters than those before them."""
        self.new_extradata: dict[int, bytes] = {}
        """What the container says the decoder's parameters are, by the packet from which on it says so."""

    @property
    def are_doubtful(self) -> bool:
        """Whether the container calls everything a keyframe, and the bytes do not tell."""
        is_known = self._name in INTRA_ONLY or self._claims_believed == 0
        return not is_known and self._packets > 1 and self._claimed == self._packets

    def can_start_at(self, packet: AnyPacket) -> bool:
        """Whether a chunk may begin with this packet."""
        self._take_extradata(packet)
        data = memoryview(packet)
        found = look(self._name, bytes(data[:_FIRST_BYTES]), self.extradata)
        if found.is_start is None and len(data) > _FIRST_BYTES and self._name not in INTRA_ONLY:
            found = look(self._name, bytes(data), self.extradata)
        self._compare(found)
        self._packets += 1
        self._claimed += packet.is_keyframe
        if found.is_start is not None:
            return found.is_start and (packet.is_keyframe or self._name not in _MAY_NEED_MORE)
        self._claims_believed += packet.is_keyframe
        return packet.is_keyframe and (self._name != "h264" or self._is_recovery_point(packet))

    def _take_extradata(self, packet: AnyPacket) -> None:
        if packet.has_sidedata("new_extradata"):
            data = bytes(packet.get_sidedata("new_extradata"))
            if data and data != self.extradata:
                self.new_extradata[self._packets] = data
                self.extradata = data

    def _compare(self, found: Look) -> None:
        for name, data in found.parameters:
            known = self._parameters.get(name)
            if known is None and self._packets and data not in self._original:
                self.parameters_change = True
            self.parameters_change |= known is not None and known != data
            self._parameters[name] = data

    def _is_recovery_point(self, packet: AnyPacket) -> bool:
        if self._tried < _ALWAYS_TRIED or self._tried % _TRIED_ONCE_IN == 0:
            self._verdict = self._yields_a_frame(packet)
        self._tried += 1
        return self._verdict

    def _yields_a_frame(self, packet: AnyPacket) -> bool:
        context = CodecContext.create(self._codec, "r")
        assert isinstance(context, VideoCodecContext)
        context.extradata = self.extradata
        try:
            return bool([*context.decode(packet), *context.decode(None)])
        except av.error.FFmpegError:
            return False
