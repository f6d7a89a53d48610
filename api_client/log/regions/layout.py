"""How what a region looks like is kept as bytes, so that any reader can turn it back into numbers.

A layout is a list of segments, one after the other in every row. Little-endian throughout.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from api_client.contract.model import Document

Floats = NDArray[np.float32]
Rows = NDArray[np.uint8]

_LARGEST_INT8 = 127
_LARGEST_UINT8 = 255


class Segment(Document):
    """Some numbers of a region that are kept in one way."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    """For people, and for whoever wants this part alone."""
    count: int = Field(ge=1, le=1 << 16)
    coding: Literal["int8", "uint16", "share"]
    """`int8`: a float16 scale, then int8; value = scale x int8.
    `uint16`: whole numbers, as they are.
    `share`: uint8; value = (byte / 255)², for shares of a whole, of which the small ones matter too."""
    steps: int = Field(default=_LARGEST_INT8, ge=1, le=_LARGEST_INT8)
    """Of `int8`: the largest one. Fewer are coarser and compress better; who reads them need not know."""

    @property
    def size_bytes(self) -> int:
        """In one row."""
        return {"int8": self.count + 2, "uint16": 2 * self.count, "share": self.count}[self.coding]


Layout = tuple[Segment, ...]


def are_read_alike(one: Sequence[Segment], other: Sequence[Segment]) -> bool:
    """Whether rows of both mean the same to a reader, however coarse they are."""
    return [(s.name, s.count, s.coding) for s in one] == [(s.name, s.count, s.coding) for s in other]


def row_bytes(layout: Sequence[Segment]) -> int:
    """How long a row is."""
    return sum(segment.size_bytes for segment in layout)


def number_count(layout: Sequence[Segment]) -> int:
    """How many numbers a row stands for."""
    return sum(segment.count for segment in layout)


def encoded(features_RF: NDArray[np.floating], layout: Sequence[Segment]) -> Rows:
    """(R, F) numbers to (R, `row_bytes`) uint8. Equal numbers give equal bytes."""
    assert features_RF.shape[1] == number_count(layout)
    parts, start = [np.zeros((len(features_RF), 0), np.uint8)], 0
    for segment in layout:
        values = np.asarray(features_RF[:, start : start + segment.count], np.float32)
        parts.append(_encode(values, segment))
        start += segment.count
    return np.concatenate(parts, axis=1)


def decoded(rows: Rows, layout: Sequence[Segment]) -> Floats:
    """(R, `row_bytes`) uint8 to (R, F) float32."""
    parts, start = [np.zeros((len(rows), 0), np.float32)], 0
    for segment in layout:
        part = np.ascontiguousarray(rows[:, start : start + segment.size_bytes])
        parts.append(_DECODE[segment.coding](part))
        start += segment.size_bytes
    return np.concatenate(parts, axis=1)


def share_rows(shares_RK: Floats, *, at_least: bool = False) -> Rows:
    """(R, K) of 0..1 to (R, K) uint8, coded as a `share`; at_least: none is read back as less than it is."""
    return _share(np.asarray(shares_RK, np.float32), rounded=np.ceil if at_least else np.rint)


def shares_of(rows: Rows) -> Floats:
    """(R, K) uint8, coded as a `share`, to (R, K) float32."""
    return _from_share(rows)


def segment_of(rows: Rows, layout: Sequence[Segment], name: str) -> Floats:
    """(R, count) the numbers of one segment alone."""
    start = 0
    for segment in layout:
        if segment.name == name:
            part = np.ascontiguousarray(rows[:, start : start + segment.size_bytes])
            return np.asarray(_DECODE[segment.coding](part), np.float32)
        start += segment.size_bytes
    raise KeyError(name)


def _encode(values: Floats, segment: Segment) -> Rows:
    if segment.coding == "int8":
        return _int8(values, segment.steps)
    return _uint16(values) if segment.coding == "uint16" else _share(values)


def _int8(values: Floats, largest: int) -> Rows:
    scale = (np.abs(values).max(axis=1, keepdims=True) / largest).astype("<f2")
    steps = np.rint(values / np.maximum(scale.astype(np.float32), np.float32(1e-7)))
    whole = steps.clip(-largest, largest).astype(np.int8)
    return np.concatenate((scale.view(np.uint8), whole.view(np.uint8)), axis=1)


def _from_int8(part: Rows) -> Floats:
    scale = np.ascontiguousarray(part[:, :2]).view("<f2").astype(np.float32)
    return np.asarray(np.ascontiguousarray(part[:, 2:]).view(np.int8) * scale, np.float32)


def _uint16(values: Floats) -> Rows:
    return np.ascontiguousarray(np.rint(values).clip(0, 65535).astype("<u2")).view(np.uint8)


def _share(values: Floats, *, rounded: np.ufunc = np.rint) -> Rows:
    return np.asarray(rounded(np.sqrt(values.clip(0, 1)) * _LARGEST_UINT8), np.uint8)


def _from_share(part: Rows) -> Floats:
    return np.asarray((part.astype(np.float32) / _LARGEST_UINT8) ** 2, np.float32)


_DECODE = {
    "int8": _from_int8,
    "uint16": lambda part: part.view("<u2").astype(np.float32),
    "share": _from_share,
}
