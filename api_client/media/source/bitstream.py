"""What the first bytes of a packet say about it, whatever the container claims. Pure.

Two questions: may decoding start here, and which parameters (sizes, profiles, tables) does it bring along?
"""

from collections.abc import Iterator
from dataclasses import dataclass

_H264_SLICES = range(1, 6)
_H264_IDR = 5
_H264_PARAMETERS = (7, 8)
_HEVC_IRAP = range(16, 24)
_HEVC_PARAMETERS = (32, 33, 34)
_VVC_IRAP = range(7, 11)
_VVC_PARAMETERS = (14, 15, 16)

INTRA_ONLY = frozenset(
    {
        *("mjpeg", "mjpegb", "jpeg2000", "jpegls", "ljpeg", "png", "bmp", "tiff"),
        *("prores", "dnxhd", "dvvideo", "ffv1", "huffyuv", "ffvhuff", "utvideo", "magicyuv", "rawvideo"),
        *(
            "v210",
            "v308",
            "v408",
            "v410",
            "cfhd",
            "hap",
            "vc2",
            "dirac",
            "cllc",
            "lagarith",
            "r210",
            "jpegxl",
        ),
    }
)
"""Every picture stands by itself: a table of keyframes has nothing to lie about."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a packet's bytes say."""

    is_start: bool | None
    """Whether decoding can start here; None where the bytes do not tell."""
    parameters: tuple[tuple[str, bytes], ...] = ()
    """(what they are, their bytes) of the parameters it brings along."""


def look(codec: str, data: bytes, extradata: bytes | None) -> Look:
    """Look at a packet; a few thousand bytes from its start suffice. `codec`: FFmpeg's canonical name."""
    if codec in ("h264", "hevc", "vvc"):
        return _look_at_units(codec, list(units(data, extradata, codec)))
    if not data:
        return Look(is_start=None)
    if codec == "vp8":
        return _vp8(data)
    if codec == "vp9":
        return _vp9(data)
    if codec == "av1":
        return _av1(data)
    if codec in ("mpeg1video", "mpeg2video"):
        return _mpeg2(data)
    if codec == "mpeg4":
        at = data.find(b"\0\0\1\xb6")
        return Look(is_start=0 <= at < len(data) - 4 and data[at + 4] >> 6 == 0)
    if codec == "theora":
        return Look(is_start=data[0] & 0xC0 == 0)
    return Look(is_start=True if codec in INTRA_ONLY else None)


def units(data: bytes, extradata: bytes | None, codec: str) -> Iterator[bytes]:
    """The NAL units of a packet, length-prefixed or with start codes; the last may be cut short."""
    at_width = 4 if codec == "h264" else 21
    if extradata and extradata[0] == 1 and len(extradata) > at_width and codec != "vvc":
        return _length_prefixed(data, (extradata[at_width] & 3) + 1)
    if extradata and codec == "vvc" and extradata[:3] != b"\0\0\0" and extradata[:3] != b"\0\0\1":
        return _length_prefixed(data, (extradata[0] >> 1 & 3) + 1)
    return _with_start_codes(data)


def _length_prefixed(data: bytes, width: int) -> Iterator[bytes]:
    at = 0
    while at + width < len(data):
        size = int.from_bytes(data[at : at + width], "big")
        yield data[at + width : at + width + size]
        at += width + size


def _with_start_codes(data: bytes) -> Iterator[bytes]:
    at = data.find(b"\0\0\1")
    while 0 <= at < len(data) - 3:
        following = data.find(b"\0\0\1", at + 3)
        yield data[at + 3 : following if following >= 0 else len(data)].rstrip(b"\0")
        at = following


def _look_at_units(codec: str, found: list[bytes]) -> Look:
    parameters = []
    is_start: bool | None = None
    for unit in found:
        if len(unit) < 3:
            continue
        kind, name = _kind(codec, unit)
        if name:
            parameters.append((name, unit))
        elif codec == "h264" and kind in _H264_SLICES:
            is_start = kind == _H264_IDR or None  # others may be a recovery point
            break
        elif (codec == "hevc" and kind < 32) or (codec == "vvc" and kind < 12):
            is_start = kind in (_HEVC_IRAP if codec == "hevc" else _VVC_IRAP)
            break
    return Look(is_start=is_start, parameters=tuple(parameters))


def _kind(codec: str, unit: bytes) -> tuple[int, str | None]:
    """(type of a unit, a name for the parameters it holds, which are told apart by it)."""
    if codec == "h264":
        kind = unit[0] & 0x1F
        if kind not in _H264_PARAMETERS:
            return kind, None
        return kind, f"{kind}/{_leading_number(unit[4:] if kind == 7 else unit[1:])}"
    kind = unit[0] >> 1 & 0x3F if codec == "hevc" else unit[1] >> 3
    names = _HEVC_PARAMETERS if codec == "hevc" else _VVC_PARAMETERS
    if kind not in names:
        return kind, None
    is_picture_set = kind == names[-1]
    return kind, f"{kind}/{_leading_number(unit[2:]) if is_picture_set else 0}"


def _leading_number(data: bytes) -> int:
    """An unsigned Exp-Golomb code at the start (ISO 14496-10, 9.1)."""
    bits = int.from_bytes(data[:8].ljust(8, b"\0"), "big")
    zeros = 64 - bits.bit_length()
    return (bits >> max(0, 63 - 2 * zeros)) - 1


def _vp8(data: bytes) -> Look:
    """RFC 6386, 9.1: a keyframe states its size after a start code."""
    if data[0] & 1:
        return Look(is_start=False)
    return Look(is_start=True, parameters=(("size", data[6:10]),))


def _vp9(data: bytes) -> Look:
    """VP9 bitstream specification, 6.2: profile, show_existing_frame, frame_type, two flags, sync code."""
    bits = int.from_bytes(data[:16].ljust(16, b"\0"), "big")
    is_profile_3 = bits >> 124 & 3 == 3
    at = 5 if is_profile_3 else 4
    is_shown_again, is_inter = bits >> (127 - at) & 1, bits >> (126 - at) & 1
    if is_shown_again or is_inter:
        return Look(is_start=False)
    return Look(is_start=True, parameters=(("frame", data[4:10]),))


def _av1(data: bytes) -> Look:
    """AV1 specification, 5.3: a temporal unit that starts with a sequence header and a key frame."""
    sequence = b""
    for kind, payload in _obus(data):
        if kind == 1:
            sequence = payload
        elif kind in (3, 6) and payload:
            is_key = payload[0] & 0xE0 == 0
            parameters = (("sequence", sequence),) if sequence else ()
            return Look(is_start=is_key and bool(sequence), parameters=parameters)
    return Look(is_start=False)


def _obus(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, has_extension, has_size = data[at] >> 3 & 15, data[at] >> 2 & 1, data[at] >> 1 & 1
        at += 1 + has_extension
        size, shift = 0, 0
        while has_size and at < len(data):
            size |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not data[at - 1] & 0x80:
                break
        end = at + size if has_size else len(data)
        yield kind, data[at:end]
        at = end


def _mpeg2(data: bytes) -> Look:
    """ISO 13818-2, 6.2: an intra picture; the sequence header states size, shape and rate."""
    header = data.find(b"\0\0\1\xb3")
    parameters = (("sequence", data[header + 4 : header + 8]),) if header >= 0 else ()
    at = data.find(b"\0\0\1\0")
    is_intra = 0 <= at < len(data) - 5 and data[at + 5] >> 3 & 7 == 1
    return Look(is_start=is_intra, parameters=parameters)
