"""Pictures that are damaged or cut short: as much of them as can be decoded."""

import io
import zlib
from pathlib import Path

import av
from av.video.frame import VideoFrame

from api_client.media.opening import open_media

_PNG = b"\x89PNG\r\n\x1a\n"
_BITS_PER_PIXEL = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Channels by PNG colour type."""
_LARGEST_BYTES = 1 << 28
"""Of a file, and of what it claims to hold: 89 million pixels of RGB."""

NOTE = "the picture is damaged or cut short: what can be decoded of it is used, the rest is blank"


def salvaged(path: Path) -> VideoFrame | None:
    """The picture in a file FFmpeg refuses, after filling up what is missing; None if nothing helps."""
    data = path.read_bytes() if path.stat().st_size < _LARGEST_BYTES else b""
    if data.startswith(_PNG):
        mended = _mended_png(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        mended = _filled_up(data, 8 + int.from_bytes(data[4:8], "little"))
    elif data[:2] == b"BM":
        mended = _filled_up(data, int.from_bytes(data[2:6], "little"))
    else:
        return None
    try:
        with av.open(io.BytesIO(mended), "r") as container:
            return next(container.decode(video=0), None)
    except (av.error.FFmpegError, ValueError):
        return None


def is_damaged_jpeg(path: Path) -> bool:
    """Whether FFmpeg fills up a JPEG, which it does without a word."""
    try:
        with open_media(path) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {"err_detect": "explode"}
            frames = [frame for packet in container.demux(stream) for frame in packet.decode()]
    except av.error.FFmpegError:
        return True
    return not frames


def _filled_up(data: bytes, size: int) -> bytes:
    """As many bytes as a file claims to have, where that can be believed."""
    return data if size > _LARGEST_BYTES else data.ljust(size, b"\0")


def _mended_png(data: bytes) -> bytes:
    """The same picture with its pixels compressed anew, as many as there are; the rest is zero."""
    header, before, compressed = b"", b"", b""
    for kind, payload in _png_chunks(data):
        if kind == b"IHDR":
            header = payload
        elif kind == b"IDAT":
            compressed += payload
        elif kind in (b"PLTE", b"tRNS"):
            before += _png_chunk(kind, payload)
    if len(header) < 13 or not compressed:
        return data
    width, height, depth, colours = (
        int.from_bytes(header[:4], "big"),
        int.from_bytes(header[4:8], "big"),
        header[8],
        header[9],
    )
    row_bytes = (width * depth * _BITS_PER_PIXEL.get(colours, 4) + 7) // 8 + 1
    room = 2 if header[12] else 1  # an interlaced picture has more, shorter rows
    size = row_bytes * height * room
    if size > _LARGEST_BYTES:
        return data
    whole = _filled_up(_decompressed(compressed, limit=size), size)
    parts = (_png_chunk(b"IHDR", header), before, _png_chunk(b"IDAT", zlib.compress(whole, 1)))
    return _PNG + b"".join(parts) + _png_chunk(b"IEND", b"")


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], len(_PNG)
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return chunks


def _png_chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload).to_bytes(4, "big")
    return len(payload).to_bytes(4, "big") + kind + payload + checksum


def _decompressed(compressed: bytes, *, limit: int) -> bytes:
    """As much as comes out before the first error."""
    decompressor, found = zlib.decompressobj(), []
    total = 0
    for at in range(0, len(compressed), 256):
        try:
            found.append(decompressor.decompress(compressed[at : at + 256]))
        except zlib.error:
            break
        total += len(found[-1])
        if total >= limit:
            break
    return b"".join(found)[:limit]
