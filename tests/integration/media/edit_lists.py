"""Editing an mp4's edit list by hand: FFmpeg reads any, but writes only the simplest."""

import struct
from pathlib import Path


def set_edits(path: Path, edits: list[tuple[int, int]]) -> None:
    """Replace the only track's edit list: (duration in the movie's timescale, start in the track's).

    The file's `moov` must come last, as FFmpeg writes it: then nothing else moves.
    """
    data = bytearray(path.read_bytes())
    moov = _box(data, b"moov", 0, len(data))
    trak = _box(data, b"trak", moov + 8, len(data))
    edts = _box(data, b"edts", trak + 8, len(data))
    elst = edts + 8
    assert data[elst + 4 : elst + 8] == b"elst"
    entries = b"".join(struct.pack(">IiHH", duration, start, 1, 0) for duration, start in edits)
    box = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(edits)) + entries
    old_size = _size(data, elst)
    data[elst : elst + old_size] = box
    for parent in (moov, trak, edts):
        struct.pack_into(">I", data, parent, _size(data, parent) + len(box) - old_size)
    path.write_bytes(data)


def _size(data: bytearray, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _box(data: bytearray, kind: bytes, at: int, end: int) -> int:
    while at < end:
        if data[at + 4 : at + 8] == kind:
            return at
        at += _size(data, at)
    raise AssertionError(f"no {kind!r} box")
