"""Whether a file is shorter than its own headers say."""

from pathlib import Path
from typing import BinaryIO

from api_client.errors import MediaError

_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"
_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}
_BOXES = {*_FIRST_BOXES, b"moof", b"mfra", b"meta", b"uuid", b"sidx", b"styp", b"udta"}
"""At the top level of an mp4, as far as they can be large. What else looks like a box may be rubbish."""


def truncated(path: Path, what: str) -> MediaError:
    """The error to raise."""
    return MediaError(
        f"{path} is truncated: {what}; copy or download it again, "
        "or keep what is there with `ffmpeg -i INPUT -c copy OUTPUT.mkv`"
    )


def missing_bytes(file: BinaryIO, size_bytes: int) -> int:
    """How many bytes an mp4, Matroska or AVI file lacks at its end; 0 for whole files and other formats.

    FFmpeg reads what is there of them without a word, unless an mp4 lacks its index too.
    """
    head = file.read(4096)
    if head[4:8] in _FIRST_BOXES:
        declared = _declared_mp4_bytes(file, size_bytes)
    elif head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        declared = 8 + int.from_bytes(head[4:8], "little")
    elif head[:4] == _EBML:
        declared = _declared_matroska_bytes(head)
    else:
        declared = 0
    return max(0, declared - size_bytes)


def _declared_mp4_bytes(file: BinaryIO, size_bytes: int) -> int:
    """The end of the last box at the top level that begins within the file (ISO 14496-12, 4.2)."""
    at = 0
    while at + 8 <= size_bytes:
        file.seek(at)
        header = file.read(16)
        box_bytes = int.from_bytes(header[:4], "big")
        if box_bytes == 1:  # the size follows, in 64 bits
            box_bytes = int.from_bytes(header[8:16], "big")
        if box_bytes < 8 or (at + box_bytes > size_bytes and header[4:8] not in _BOXES):
            return size_bytes  # a size of 0 means: to the end of the file
        at += box_bytes
    return at


def _declared_matroska_bytes(head: bytes) -> int:
    """0 where the size is not declared, as in live recordings."""
    _, header_bytes, start = _element(head, 0)
    identifier, segment_bytes, start = _element(head, start + header_bytes)
    return start + segment_bytes if identifier == _SEGMENT and segment_bytes else 0


def _element(head: bytes, at: int) -> tuple[bytes, int, int]:
    """(identifier, size of the payload or 0 if unknown, where the payload starts) (RFC 8794, 4)."""
    identifier_bytes = _leading_zeros(head[at : at + 1]) + 1
    size_at = at + identifier_bytes
    size_width = _leading_zeros(head[size_at : size_at + 1]) + 1
    size = int.from_bytes(head[size_at : size_at + size_width], "big") & ((1 << 7 * size_width) - 1)
    is_unknown = size == (1 << 7 * size_width) - 1
    return head[at:size_at], 0 if is_unknown else size, size_at + size_width


def _leading_zeros(byte: bytes) -> int:
    return 8 - int.from_bytes(byte, "big").bit_length()
