"""The picture of a HEIF or AVIF file: which items make it up, how it is cropped, which way up it is."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from api_client.verify import orientation

_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"avif", b"mif2"}
_LARGEST_BYTES = 1 << 24


@dataclass(kw_only=True)
class HeifPicture:
    """What the primary item says. Mutable: it is filled while boxes are read."""

    item_id: int = 0
    tile_ids: tuple[int, ...] = ()
    """Of a picture that is put together, row by row; empty for one that is stored whole."""
    size_px: tuple[int, int] = (0, 0)
    """(width, height) before cropping and turning."""
    crop_px: tuple[int, int, int, int] | None = None
    """x_min, y_min, x_max, y_max, before turning."""
    orientation: int = orientation.UPRIGHT


_Box = tuple[bytes, bytes]


@dataclass(kw_only=True)
class _Meta:
    properties: list[_Box] = field(default_factory=list)
    associations: dict[int, list[int]] = field(default_factory=dict)
    references: dict[int, tuple[int, ...]] = field(default_factory=dict)
    primary: int = 0


def heif_picture(path: Path) -> HeifPicture | None:
    """None where the file is no HEIF still."""
    with path.open("rb") as file:
        head = file.read(16)
        if head[4:8] != b"ftyp":
            return None
        (size,) = struct.unpack(">I", head[:4])
        brands = {head[8:12], *_fours(head[16:] + file.read(max(0, min(size, 4096) - 16)))}
        if not brands & _BRANDS or head[8:12] in (b"avis", b"hevc", b"msf1"):
            return None
        file.seek(0)
        data = file.read(_LARGEST_BYTES)
    meta = next((body for name, body in _boxes(data) if name == b"meta"), None)
    return _understood(_read_meta(meta[4:])) if meta else None


def _fours(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 4] for at in range(0, len(data), 4))


def _boxes(data: bytes) -> Iterator[_Box]:
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        header = 8
        if size == 1 and at + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, at + 8)
            header = 16
        if size == 0:
            size = len(data) - at
        if size < header:
            return
        yield name, data[at + header : at + size]
        at += size


def _read_meta(data: bytes) -> _Meta:
    meta = _Meta()
    for name, body in _boxes(data):
        if name == b"pitm":
            meta.primary = int.from_bytes(body[4:6] if body[0] == 0 else body[4:8], "big")
        elif name == b"iref":
            meta.references.update(_tiles(body))
        elif name == b"iprp":
            for inner, content in _boxes(body):
                if inner == b"ipco":
                    meta.properties = list(_boxes(content))
                elif inner == b"ipma":
                    meta.associations.update(_associations(content))
    return meta


def _tiles(body: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
    width = 2 if body[0] == 0 else 4
    for name, content in _boxes(body[4:]):
        if name == b"dimg":
            count = int.from_bytes(content[width : width + 2], "big")
            ids = (
                int.from_bytes(content[at : at + width], "big")
                for at in range(width + 2, width + 2 + width * count, width)
            )
            yield int.from_bytes(content[:width], "big"), tuple(ids)


def _associations(body: bytes) -> Iterator[tuple[int, list[int]]]:
    id_width = 2 if body[0] == 0 else 4
    wide = body[3] & 1
    (count,) = struct.unpack_from(">I", body, 4)
    at = 8
    for _ in range(count):
        item = int.from_bytes(body[at : at + id_width], "big")
        number = body[at + id_width]
        at += id_width + 1
        step = 2 if wide else 1
        raw = [int.from_bytes(body[i : i + step], "big") for i in range(at, at + step * number, step)]
        yield item, [value & (0x7FFF if wide else 0x7F) for value in raw]
        at += step * number


def _understood(meta: _Meta) -> HeifPicture:
    picture = HeifPicture(item_id=meta.primary, tile_ids=meta.references.get(meta.primary, ()))
    for index in meta.associations.get(meta.primary, []):
        if not 1 <= index <= len(meta.properties):
            continue
        name, body = meta.properties[index - 1]
        if name == b"ispe":
            width, height = struct.unpack_from(">II", body, 4)
            picture.size_px = (width, height)
        elif name == b"clap":
            picture.crop_px = _crop(body, picture.size_px)
        elif name == b"irot":
            for _ in range(body[0] & 3):
                picture.orientation = orientation.followed_by(picture.orientation, 8)
        elif name == b"imir":
            picture.orientation = orientation.followed_by(picture.orientation, 2 if body[0] & 1 else 4)
    return picture


def _crop(body: bytes, size_px: tuple[int, int]) -> tuple[int, int, int, int]:
    numbers = struct.unpack_from(">IIIIiIiI", body)
    width, height, off_x, off_y = (numbers[at] / max(numbers[at + 1], 1) for at in range(0, 8, 2))
    x_min = round((size_px[0] - width) / 2 + off_x)
    y_min = round((size_px[1] - height) / 2 + off_y)
    return x_min, y_min, x_min + round(width), y_min + round(height)
