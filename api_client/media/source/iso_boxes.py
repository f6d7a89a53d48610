"""Boxes of ISO media files (ISO 14496-12, 4.2), as far as FFmpeg does not tell what they hold."""

from collections.abc import Iterator
from pathlib import Path

_LARGEST_BYTES = 64 << 20
_WANTED = (b"ftyp", b"meta", b"moov")


def top_boxes(path: Path) -> dict[bytes, bytes]:
    """The payloads of the boxes at the top level that describe the file; empty for other formats."""
    found: dict[bytes, bytes] = {}
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= size_bytes:
            file.seek(at)
            header = file.read(16)
            size, kind, header_bytes = int.from_bytes(header[:4], "big"), header[4:8], 8
            if at == 0 and kind != b"ftyp":
                break
            if size == 1:
                size, header_bytes = int.from_bytes(header[8:16], "big"), 16
            size = size or size_bytes - at
            if size < header_bytes:
                break
            if kind in _WANTED and size <= _LARGEST_BYTES:
                file.seek(at + header_bytes)
                found.setdefault(kind, file.read(size - header_bytes))
            at += size
    return found


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, payload) of each box in a box."""
    at = 0
    while at + 8 <= len(data):
        size, kind, header_bytes = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, header_bytes = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or len(data) - at
        if size < header_bytes:
            return
        yield kind, data[at + header_bytes : at + size]
        at += size


def box(data: bytes, *path: bytes) -> bytes:
    """The payload of the first box of each kind, one inside the other; empty where there is none."""
    for kind in path:
        data = next((payload for name, payload in boxes(data) if name == kind), b"")
    return data


def auxiliary_tracks(moov: bytes) -> frozenset[int]:
    """Ids of tracks that only accompany another: masks of transparency, depth maps, thumbnails."""
    found = set()
    for kind, track in boxes(moov):
        if kind == b"trak":
            accompanies = any(box(track, b"tref", name) for name in (b"auxl", b"thmb", b"vdep", b"cdep"))
            if accompanies or box(track, b"mdia", b"hdlr")[8:12] == b"auxv":
                found.add(_track_id(box(track, b"tkhd")))
    return frozenset(found)


def track_ids(moov: bytes) -> frozenset[int]:
    """Ids of all tracks."""
    return frozenset(_track_id(box(track, b"tkhd")) for kind, track in boxes(moov) if kind == b"trak")


def _track_id(tkhd: bytes) -> int:
    at = 20 if tkhd[:1] == b"\x01" else 12
    return int.from_bytes(tkhd[at : at + 4], "big")
