"""A photograph in tiles, as phones write it (ISO/IEC 23008-12)."""

import struct
from itertools import count
from pathlib import Path

import av
import numpy as np

TILE_PX = 64


def write_heic(
    path: Path, picture: np.ndarray, *, size_px: tuple[int, int], turns: int, mirror: int | None
) -> Path:
    """Cut a picture (a multiple of 64 wide and high) into tiles, of which size_px (width, height) is shown.

    turns: quarters counter-clockwise. mirror: 0 exchanges top and bottom, 1 left and right; after turning.
    """
    rows, columns = (side // TILE_PX for side in picture.shape[:2])
    corners = [(TILE_PX * row, TILE_PX * column) for row in range(rows) for column in range(columns)]
    coded = [
        _coded(path.with_suffix(".tile.mp4"), picture[y : y + TILE_PX, x : x + TILE_PX]) for y, x in corners
    ]
    grid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, *size_px)
    properties = [coded[0][0], _ispe(TILE_PX, TILE_PX), _ispe(*size_px), _box(b"irot", bytes([turns]))]
    if mirror is not None:
        properties.append(_box(b"imir", bytes([mirror])))
    number_of_tiles = len(coded)
    head = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    lengths = [len(data) for _, data in coded]
    meta = _meta(number_of_tiles, properties, grid, lengths, at=0)
    meta = _meta(number_of_tiles, properties, grid, lengths, at=len(head) + len(meta) + 8)
    path.write_bytes(head + meta + _box(b"mdat", b"".join(data for _, data in coded)))
    return path


def _coded(path: Path, tile: np.ndarray) -> tuple[bytes, bytes]:
    """(decoder configuration box, HEVC of one tile)."""
    with av.open(str(path), "w") as file:
        options = {"x265-params": "log-level=none:pools=1:info=0", "preset": "ultrafast", "crf": "10"}
        stream = file.add_stream("libx265", rate=25, options=options)
        stream.width = stream.height = TILE_PX
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(tile), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            packet.pts = packet.dts = 0  # x265 makes up a decoding time for a lone frame
            file.mux(packet)
    data = path.read_bytes()
    at = data.index(b"hvcC") - 4
    with av.open(str(path)) as file:
        packet = next(packet for packet in file.demux(video=0) if packet.size)
        return data[at : at + struct.unpack(">I", data[at : at + 4])[0]], bytes(packet)


def _meta(tiles: int, properties: list[bytes], grid: bytes, lengths: list[int], *, at: int) -> bytes:
    whole = tiles + 1
    entries = b"".join(
        _full(b"infe", 2, struct.pack(">HH4sB", item, 0, b"hvc1", 0)) for item in range(1, whole)
    )
    entries += _full(b"infe", 2, struct.pack(">HH4sB", whole, 0, b"grid", 0))
    parts = struct.pack(f">HH{tiles}H", whole, tiles, *range(1, whole))
    used = range(3, len(properties) + 1)
    owned = b"".join(struct.pack(">HBBB", item, 2, 0x81, 2) for item in range(1, whole))
    owned += struct.pack(">HB", whole, len(used)) + bytes(used)
    offsets = [at + sum(lengths[:number]) for number in range(tiles)]
    extents = [
        struct.pack(">HHHHII", item, 0, 0, 1, offset, length)
        for item, offset, length in zip(count(1), offsets, lengths, strict=False)
    ]
    extents.append(struct.pack(">HHHHII", whole, 1, 0, 1, 0, len(grid)))
    return _full(
        b"meta",
        0,
        _full(b"hdlr", 0, b"\0\0\0\0pict" + bytes(13))
        + _full(b"pitm", 0, struct.pack(">H", whole))
        + _full(b"iinf", 0, struct.pack(">H", whole) + entries)
        + _full(b"iref", 0, _box(b"dimg", parts))
        + _box(
            b"iprp", _box(b"ipco", b"".join(properties)) + _full(b"ipma", 0, struct.pack(">I", whole) + owned)
        )
        + _full(b"iloc", 1, struct.pack(">BBH", 0x44, 0, whole) + b"".join(extents))
        + _box(b"idat", grid),
    )


def _ispe(width: int, height: int) -> bytes:
    return _full(b"ispe", 0, struct.pack(">II", width, height))


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def _full(name: bytes, version: int, body: bytes) -> bytes:
    return _box(name, bytes([version, 0, 0, 0]) + body)
