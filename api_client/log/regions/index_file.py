"""`regions.parquet`: every region of a part that was looked at, one row each, thing by thing.

    thing         which thing of this part; counts from 0
    frame_index   in the whole video
    pts           in the source's time base
    x_min … y_max steps of `IndexHeader.pixels_per_step`
    objectness    0..255 for 0..1: how sure the detector is of a thing, whatever it is
    look          what it looks like, as the header's layout says; null where only its place was kept
    colours       how much of it has each of the header's colours, as a `share`; null where nobody looked

Rows are ordered by thing, then by frame, so that neighbours are nearly alike, and looks are laid down byte by
byte (all first bytes, all second ones): that is what makes it small. NumPy and pyarrow read it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from api_client.contract import keys
from api_client.errors import IntegrityError
from api_client.log.regions.header import IndexHeader
from api_client.log.regions.layout import Rows, row_bytes

FILE_NAME = keys.REGIONS
METADATA_KEY = b"horatio.regions"
_SIDES = ("x_min", "y_min", "x_max", "y_max")
_NUMBERS = ("thing", "frame_index", "pts", *_SIDES)
_ENCODINGS = dict.fromkeys(_NUMBERS, "DELTA_BINARY_PACKED") | {"look": "BYTE_STREAM_SPLIT"}
_LEVEL = 19
"""Of zstd: a tenth of a second a part, for a twentieth of its bytes."""
_MOST_OBJECTNESS = 255
_FRAME_BITS = 1 << 40


@dataclass(frozen=True, kw_only=True)
class RegionIndex:
    """The regions of one part in memory, R of them, ordered by thing, then by frame."""

    header: IndexHeader
    thing_R: NDArray[np.int64]
    frame_R: NDArray[np.int64]
    pts_R: NDArray[np.int64]
    boxes_R4: NDArray[np.float32]
    """Pixels of the displayed frame: x_min, y_min, x_max, y_max."""
    objectness_R: NDArray[np.float32]
    look_of_R: NDArray[np.int64]
    """Row of `looks` that was taken of this very region, or -1."""
    looks: Rows
    """(looks, bytes of a look)."""
    colours: Rows
    """(looks, the header's colours), coded as a `share`; all 0 where nobody looked at the pixels."""


def write_index(path: Path, index: RegionIndex) -> None:
    """Write an index. Equal regions give equal bytes."""
    schema = _schema(index.header)
    steps = np.rint(index.boxes_R4 / np.float32(index.header.pixels_per_step)).astype(np.int32)
    columns: dict[str, object] = {
        "thing": index.thing_R,
        "frame_index": index.frame_R,
        "pts": index.pts_R,
        **{side: steps[:, column] for column, side in enumerate(_SIDES)},
        "objectness": np.rint(index.objectness_R * _MOST_OBJECTNESS).astype(np.uint8),
        "look": [index.looks[look].tobytes() if look >= 0 else None for look in index.look_of_R.tolist()],
        "colours": [
            index.colours[look].tobytes() if look >= 0 and index.colours[look].any() else None
            for look in index.look_of_R.tolist()
        ],
    }
    table = pa.table([pa.array(columns[f.name], type=f.type) for f in schema], schema=schema)
    pq.write_table(
        table, path, compression="zstd", compression_level=_LEVEL, use_dictionary=False,
        write_statistics=False, column_encoding=_ENCODINGS,
    )  # fmt: skip


def read_index(path: Path) -> RegionIndex:
    """Read an index. Raises `IntegrityError` where the file is none, or not as its header says."""
    try:
        table = pq.read_table(path)
        header = IndexHeader.from_bytes((table.schema.metadata or {})[METADATA_KEY])
        if not table.schema.equals(_schema(header), check_metadata=False):
            raise IntegrityError(f"{path.name} has other columns than an index of regions")
    except (pa.ArrowException, OSError, KeyError) as error:
        raise IntegrityError(f"{path.name} is no index of regions that can be read ({error})") from None
    return _index(table, header)


def read_header(file: IO[bytes]) -> IndexHeader:
    """Read what an index says of itself. Raises `IntegrityError` where it is none, or of another version."""
    try:
        return IndexHeader.from_bytes((pq.read_schema(file).metadata or {})[METADATA_KEY])
    except (pa.ArrowException, OSError, KeyError) as error:
        raise IntegrityError(f"{FILE_NAME} is no index of regions that can be read ({error})") from None


def is_sorted(index: RegionIndex) -> bool:
    """Whether rows are ordered by thing, then by frame, no thing twice in a frame."""
    order = index.thing_R * _FRAME_BITS + index.frame_R
    return bool((np.diff(order) > 0).all())


def _schema(header: IndexHeader) -> pa.Schema:
    width = row_bytes(header.layout)
    return pa.schema(
        [
            pa.field("thing", pa.int32(), nullable=False),
            pa.field("frame_index", pa.int64(), nullable=False),
            pa.field("pts", pa.int64(), nullable=False),
            *(pa.field(side, pa.int32(), nullable=False) for side in _SIDES),
            pa.field("objectness", pa.uint8(), nullable=False),
            pa.field("look", pa.binary(width)),
            *([pa.field("colours", pa.binary(len(header.colours)))] if header.colours else []),
        ],
        metadata={METADATA_KEY: header.to_bytes()},
    )


def _index(table: pa.Table, header: IndexHeader) -> RegionIndex:
    look_of_R, looks = _looks(table, row_bytes(header.layout))
    steps_R4 = np.stack([table[side].to_numpy() for side in _SIDES], axis=1)
    index = RegionIndex(
        header=header,
        thing_R=table["thing"].to_numpy().astype(np.int64),
        frame_R=table["frame_index"].to_numpy(),
        pts_R=table["pts"].to_numpy(),
        boxes_R4=np.asarray(steps_R4 * header.pixels_per_step, np.float32).reshape(-1, 4),
        objectness_R=table["objectness"].to_numpy().astype(np.float32) / _MOST_OBJECTNESS,
        look_of_R=look_of_R,
        looks=looks,
        colours=_colours(table, header, look_of_R),
    )
    if not is_sorted(index):
        raise IntegrityError("an index of regions is not in order: it is damaged")
    return index


def _colours(table: pa.Table, header: IndexHeader, look_of_R: NDArray[np.int64]) -> Rows:
    nothing = bytes(len(header.colours))
    looked = np.flatnonzero(look_of_R >= 0)
    if not header.colours:
        return np.zeros((len(looked), 0), np.uint8)
    kept = b"".join(one or nothing for one in table["colours"].take(looked).to_pylist())
    return np.frombuffer(kept, np.uint8).reshape(len(looked), len(nothing))


def _looks(table: pa.Table, width: int) -> tuple[NDArray[np.int64], Rows]:
    column = table["look"].combine_chunks()
    there_R = np.asarray(column.is_valid())
    look_of_R = np.where(there_R, np.cumsum(there_R) - 1, -1)
    kept = b"".join(column.drop_null().to_pylist())
    return look_of_R, np.frombuffer(kept, np.uint8).reshape(int(there_R.sum()), width)
