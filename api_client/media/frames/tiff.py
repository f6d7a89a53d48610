"""The directories of a TIFF structure (TIFF 6.0, section 2), which is what a TIFF file and EXIF data are."""

import struct
from typing import BinaryIO, Literal

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}
"""In bytes, of values by their type."""
_LARGEST_BYTES = 16 << 20

Value = tuple[int, int, bytes]
"""(type, how many, the four bytes that hold or lead to them)."""


class Tiff:
    """Reads directories. A damaged structure has none."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        head = self._at(0, 8)
        orders: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
        self._order = orders.get(head[:4])
        self.first = self.directory(self._integer(head[4:8])) if self._order and len(head) == 8 else {}

    def directory(self, start: int) -> dict[int, Value]:
        """Tag → value."""
        count = self._integer(self._at(start, 2))
        data = self._at(start + 2, 12 * count)
        form = "<HHI4s" if self._order == "little" else ">HHI4s"
        entries = struct.iter_unpack(form, data[: len(data) // 12 * 12])
        return {tag: (kind, number, field) for tag, kind, number, field in entries}

    def number(self, value: Value | None) -> int | None:
        """A whole number alone; None where there is none."""
        if value is None or value[0] not in (3, 4) or value[1] != 1:
            return None
        return self._integer(value[2][: _SIZES[value[0]]])

    def data(self, value: Value | None) -> bytes:
        """Text, or bytes; empty where there are none."""
        if value is None or not 0 < (size := _SIZES.get(value[0], 0) * value[1]) <= _LARGEST_BYTES:
            return b""
        return value[2][:size] if size <= 4 else self._at(self._integer(value[2]), size)

    def _at(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        return self._file.read(size)

    def _integer(self, data: bytes) -> int:
        return int.from_bytes(data, self._order or "little")
