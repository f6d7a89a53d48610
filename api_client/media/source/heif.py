"""HEIC and AVIF pictures (ISO 23008-12): which items make up the picture, and how they are put together.

FFmpeg hands out a stream per coded item: the tiles of a grid, thumbnails, masks and depth maps alike.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from api_client.media.source.iso_boxes import auxiliary_tracks, box, boxes, top_boxes, track_ids

_FILM_BRANDS = (b"avis", b"msf1", b"hevc", b"hevx", b"isom", b"iso2", b"mp41", b"mp42", b"qt  ")


_DAMAGED = (IndexError, KeyError, ValueError, struct.error)
"""What comes of reading where there is nothing to read."""
_H273_NUMBERS = 256


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A picture cut into tiles."""

    rows: int
    columns: int
    width_px: int
    height_px: int


@dataclass(frozen=True, kw_only=True)
class HeifPicture:
    """The picture of a file that holds one."""

    tiles: tuple[int, ...]
    """Ids of the coded items, row by row; one where there is no grid."""
    grid: Grid | None
    properties: tuple[tuple[bytes, bytes], ...]
    """(kind, payload) of what is done to the picture, in order: `clap`, `irot`, `imir`."""
    colours: tuple[int, int, int, int] | None
    """(primaries, transfer, matrix, range) by H.273 and FFmpeg, where the file says so."""
    profile: bytes
    """The colours' ICC profile; empty where there is none."""


def heif_picture(path: Path) -> HeifPicture | None:
    """What the primary item consists of; None where the file is a film, something else, or damaged there."""
    top = top_boxes(path)
    if b"meta" not in top or (b"moov" in top and top[b"ftyp"][:4] in _FILM_BRANDS):
        return None
    try:
        items = _Items(top[b"meta"][4:], path)
        return items.picture() if items.primary is not None else None
    except _DAMAGED:
        return None


def hidden_streams(path: Path) -> frozenset[int]:
    """Ids of streams that are not for themselves: masks and depth maps, and pictures beside a film."""
    top = top_boxes(path)
    moov = top.get(b"moov", b"")
    try:
        pictures = _Items(top[b"meta"][4:], None).kinds if b"meta" in top and moov else {}
        return auxiliary_tracks(moov) | (frozenset(pictures) - track_ids(moov))
    except _DAMAGED:
        return frozenset()


class _Items:
    def __init__(self, meta: bytes, path: Path | None) -> None:
        self._meta, self._path = meta, path
        pitm = box(meta, b"pitm")
        self.primary = _integer(pitm, 4, 4 if pitm[0] else 2) if len(pitm) >= 6 else None
        self.kinds = dict(_kinds(box(meta, b"iinf")))
        self._properties = dict(_properties(box(meta, b"iprp")))

    def picture(self) -> HeifPicture | None:
        assert self.primary is not None
        item, done = self.primary, self._done_to(self.primary)
        while self.kinds.get(item) == b"iden":
            item = self._sources_of(item)[0]
            done = (*self._done_to(item), *done)
        tiles: tuple[int, ...] = (item,)
        grid = None
        if self.kinds.get(item) == b"grid":
            tiles, grid = self._sources_of(item), self._grid(item)
        elif self.kinds.get(item) == b"iovl" or item not in self.kinds:
            return None
        colours = self._colours(item) or self._colours(tiles[0])
        return HeifPicture(
            tiles=tiles,
            grid=grid,
            properties=done,
            colours=colours,
            profile=self._profile(item) or self._profile(tiles[0]),
        )

    def _done_to(self, item: int) -> tuple[tuple[bytes, bytes], ...]:
        return tuple(
            entry for entry in self._properties.get(item, ()) if entry[0] in (b"clap", b"irot", b"imir")
        )

    def _colours(self, item: int) -> tuple[int, int, int, int] | None:
        for kind, payload in self._properties.get(item, ()):
            if kind == b"colr" and payload[:4] == b"nclx":
                primaries, transfer, matrix, flags = struct.unpack(">HHHB", payload[4:11])
                if max(primaries, transfer, matrix) < _H273_NUMBERS:
                    return primaries, transfer, matrix, 2 if flags & 0x80 else 1
        return None

    def _profile(self, item: int) -> bytes:
        for kind, payload in self._properties.get(item, ()):
            if kind == b"colr" and payload[:4] in (b"prof", b"rICC"):
                return payload[4:]
        return b""

    def _sources_of(self, item: int) -> tuple[int, ...]:
        iref = box(self._meta, b"iref")
        width = 4 if iref[:1] == b"\x01" else 2
        for kind, payload in boxes(iref[4:]):
            if kind == b"dimg" and _integer(payload, 0, width) == item:
                count = _integer(payload, width, 2)
                return tuple(_integer(payload, width + 2 + width * i, width) for i in range(count))
        return ()

    def _grid(self, item: int) -> Grid | None:
        data = self._data_of(item)
        if len(data) < 8:
            return None
        width = 4 if data[1] & 1 else 2
        return Grid(
            rows=data[2] + 1,
            columns=data[3] + 1,
            width_px=_integer(data, 4, width),
            height_px=_integer(data, 4 + width, width),
        )

    def _data_of(self, item: int) -> bytes:
        """The first bytes of an item's data, from the file or from the box beside (ISO 14496-12, 8.11.3)."""
        iloc = box(self._meta, b"iloc")
        version, sizes = iloc[0], (iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15)
        offset_bytes, length_bytes, base_bytes, index_bytes = sizes
        id_bytes = 4 if version == 2 else 2
        count, at = _integer(iloc, 6, id_bytes), 6 + id_bytes
        for _ in range(count):
            identifier = _integer(iloc, at, id_bytes)
            at += id_bytes
            method = _integer(iloc, at, 2) & 15 if version else 0
            at += 4 if version else 2
            base, extents = _integer(iloc, at, base_bytes), _integer(iloc, at + base_bytes, 2)
            at += base_bytes + 2
            extra = index_bytes if version else 0
            if identifier == item:
                offset = base + _integer(iloc, at + extra, offset_bytes)
                return self._bytes_at(offset, method)
            at += extents * (extra + offset_bytes + length_bytes)
        return b""

    def _bytes_at(self, offset: int, method: int) -> bytes:
        if method == 1:
            return box(self._meta, b"idat")[offset : offset + 16]
        assert self._path is not None
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(16)


def clean_aperture(payload: bytes, width_px: int, height_px: int) -> tuple[int, int, int, int]:
    """(left, top, width, height) of a `clap` box in a picture (ISO 14496-12, 12.1.4.3)."""
    numbers = struct.unpack(">IIIIiIiI", payload[:32])
    width, height, x, y = (Fraction(numbers[i], numbers[i + 1] or 1) for i in (0, 2, 4, 6))
    left = x + Fraction(width_px - 1, 2) - (width - 1) / 2
    top = y + Fraction(height_px - 1, 2) - (height - 1) / 2
    left_px, top_px = max(round(left), 0), max(round(top), 0)
    return left_px, top_px, min(round(width), width_px - left_px), min(round(height), height_px - top_px)


def _integer(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")


def _kinds(iinf: bytes) -> list[tuple[int, bytes]]:
    found = []
    for kind, entry in boxes(iinf[6 if iinf[:1] == b"\0" else 8 :]):
        if kind == b"infe" and entry[0] >= 2:
            width = 4 if entry[0] == 3 else 2
            found.append((_integer(entry, 4, width), entry[6 + width : 10 + width]))
    return found


def _properties(iprp: bytes) -> list[tuple[int, tuple[tuple[bytes, bytes], ...]]]:
    known = list(boxes(box(iprp, b"ipco")))
    found = []
    ipma = box(iprp, b"ipma")
    if not ipma:
        return []
    id_bytes, index_bytes = 4 if ipma[0] else 2, 2 if ipma[3] & 1 else 1
    at = 8
    for _ in range(_integer(ipma, 4, 4)):
        item, count = _integer(ipma, at, id_bytes), _integer(ipma, at + id_bytes, 1)
        at += id_bytes + 1
        mask = 0x7FFF if index_bytes == 2 else 0x7F
        numbers = [_integer(ipma, at + index_bytes * i, index_bytes) & mask for i in range(count)]
        at += index_bytes * count
        found.append((item, tuple(known[number - 1] for number in numbers if 0 < number <= len(known))))
    return found
