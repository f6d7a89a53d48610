"""Which colours regions have: looked at while there are pixels, kept with their looks."""

import numpy as np
import pytest

from api_client.errors import IntegrityError
from api_client.log.regions import IndexBuilder, IndexHeader, read_index, share_rows, shares_of, write_index
from tests.unit.regions.indexes import box, built, header, look
from vocabularies.phrase import COLOURS
from workers.detectors import Regions
from workers.region_colours import RegionColours

RED = (220, 20, 30)
LEFT, RIGHT = box(0), box(200)


def painted(*boxes: list[float]) -> np.ndarray:
    frame = np.full((200, 400, 3), 128, np.uint8)
    for left, top, right, bottom in boxes:
        frame[int(top) : int(bottom), int(left) : int(right)] = RED
    return frame


def regions(*boxes: list[float], objectness: float = 0.9) -> Regions:
    return Regions(
        boxes_xyxy_px=np.array(boxes, np.float32).reshape(-1, 4),
        objectness=np.full(len(boxes), objectness, np.float32),
        features=np.stack([look(1)] * len(boxes)).astype(np.float16),
    )


def reds(rows: np.ndarray) -> list[float]:
    return shares_of(rows)[:, COLOURS.index("red")].round(1).tolist()


def test_all_are_looked_at_at_a_moment_and_only_new_ones_between() -> None:
    colours = RegionColours(header(colours=COLOURS))

    first = colours.of(painted(LEFT, RIGHT), 0, regions(LEFT))
    between = colours.of(painted(LEFT, RIGHT), 3, regions(LEFT, RIGHT))
    next_moment = colours.of(painted(LEFT, RIGHT), 10, regions(LEFT, RIGHT))

    assert (reds(first), reds(between), reds(next_moment)) == ([1.0], [0.0, 1.0], [1.0, 1.0])


def test_what_is_worth_no_look_or_has_no_box_is_not_looked_at() -> None:
    colours = RegionColours(header(colours=COLOURS, sure_objectness=0.5))
    nowhere = [float("nan"), 0.0, 10.0, 10.0]

    assert reds(colours.of(painted(LEFT), 0, regions(LEFT, objectness=0.4))) == [0.0]
    assert reds(colours.of(painted(LEFT), 10, regions(nowhere, LEFT))) == [0.0, 1.0]


def test_colours_are_read_as_they_were_kept(tmp_path) -> None:
    index = header(colours=COLOURS)
    builder, share = IndexBuilder(index), np.zeros((2, len(COLOURS)), np.float32)
    share[0, :2] = 0.75, 0.25
    seen = regions(LEFT, RIGHT)
    builder.add(0, 0, seen.boxes_xyxy_px, seen.objectness, seen.features, share_rows(share))

    write_index(tmp_path / "regions.parquet", builder.built())

    read = read_index(tmp_path / "regions.parquet")
    assert np.allclose(shares_of(read.colours), share, atol=0.01)
    assert read.look_of_R.tolist() == [0, 1]


def test_an_index_of_an_earlier_version_is_read_without(tmp_path) -> None:
    write_index(tmp_path / "regions.parquet", built([[(LEFT, 0.9, 1)]]))

    read = read_index(tmp_path / "regions.parquet")

    assert (read.header.colours, read.colours.shape) == ((), (1, 0))


def test_other_colours_than_these_are_damage() -> None:
    kept = header(colours=COLOURS).to_bytes()

    with pytest.raises(IntegrityError):
        IndexHeader.from_bytes(kept.replace(b'"purple",', b""))
