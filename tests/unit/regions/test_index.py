"""The index of regions, written and read."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api_client.errors import IntegrityError
from api_client.log.regions import NO_LOOK, decoded, nearest_looks, read_index, write_index
from tests.unit.regions.indexes import LAYOUT, box, built, header


def test_what_is_read_is_what_was_built(tmp_path):
    index = built([[(box(0), 0.9, 1), (box(200), 0.5, 2)], [(box(3), 0.8, 3)], []])

    write_index(tmp_path / "regions.parquet", index)

    read = read_index(tmp_path / "regions.parquet")
    assert read.header == index.header
    assert read.thing_R.tolist() == [0, 0, 1]
    assert read.frame_R.tolist() == [0, 1, 0]
    assert np.allclose(read.boxes_R4, index.boxes_R4, atol=header().pixels_per_step / 2)
    assert np.allclose(read.objectness_R, index.objectness_R, atol=0.5 / 255)
    assert read.look_of_R.tolist() == index.look_of_R.tolist()
    assert np.array_equal(read.looks, index.looks)


def test_any_reader_of_parquet_sees_what_it_is(tmp_path):
    write_index(tmp_path / "regions.parquet", built([[(box(0), 0.9, 1)]]))

    schema = pq.read_schema(tmp_path / "regions.parquet")

    assert schema.names[:3] == ["thing", "frame_index", "pts"]
    assert b'"weights_digest"' in schema.metadata[b"horatio.regions"]


def test_an_index_as_an_earlier_version_wrote_it_is_read(tmp_path):
    path, index = tmp_path / "regions.parquet", built([[(box(i), 0.9, i)] for i in range(30)])
    write_index(path, index)
    table = pq.read_table(path)
    header = json.loads(table.schema.metadata[b"horatio.regions"])
    for segment in header["layout"]:
        del segment["steps"]

    old = table.replace_schema_metadata({"horatio.regions": json.dumps(header)})
    pq.write_table(old, path, compression="zstd", use_dictionary=False)

    read = read_index(path)
    assert read.header == index.header
    assert np.array_equal(read.looks, index.looks)


def test_equal_regions_give_equal_bytes(tmp_path):
    for name in ("first", "second"):
        write_index(tmp_path / name, built([[(box(i), 0.9, i)] for i in range(30)]))

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_no_region_at_all_is_an_index_too(tmp_path):
    write_index(tmp_path / "regions.parquet", built([[], []]))

    assert len(read_index(tmp_path / "regions.parquet").thing_R) == 0


def test_looks_are_kept_once_a_moment():
    frames = [[(box(0), 0.9, i)] for i in range(25)]  # 2.5 seconds

    index = built(frames)

    assert index.frame_R[index.look_of_R >= 0].tolist() == [0, 10, 20]
    assert decoded(index.looks, LAYOUT)[:, 0].round().tolist() == [0, 10, 20]


def test_a_thing_that_lives_between_moments_keeps_its_surest_look():
    other = (box(200), 0.9, 50)
    frames = [[other], [(box(0), 0.5, 1), other], [(box(0), 0.9, 2)], [(box(0), 0.7, 3)]]

    index = built(frames)

    assert decoded(index.looks, LAYOUT)[:, 0].round().tolist() == [50, 2]


def test_a_picture_has_looks_of_its_own_and_no_thing_of_another():
    frames = [[(box(0), 0.9, 1)], [(box(0), 0.9, 2)]]

    index = built(frames, header(of_pictures=True))

    assert index.thing_R.tolist() == [0, 1]
    assert decoded(index.looks, LAYOUT)[:, 0].round().tolist() == [1, 2]


def test_a_faint_moment_is_a_box_and_what_is_always_faint_is_left_out():
    frames = [[(box(0), 0.9, 1), (box(200), 0.4, 2)], [(box(0), 0.4, 3), (box(200), 0.4, 4)]]

    index = built(frames, header(sure_objectness=0.5))

    assert index.frame_R.tolist() == [0, 1]
    assert index.look_of_R.tolist() == [0, -1]


def test_what_cannot_reach_the_threshold_is_not_kept_nor_what_is_too_much():
    regions = [(box(50 * i, side=20), 0.9 - 0.1 * i, i) for i in range(8)]

    assert len(built([regions]).thing_R) == 7  # objectness 0.2 is below 0.3
    assert built([regions], header(most_regions=3)).objectness_R.tolist() == pytest.approx([0.9, 0.8, 0.7])


def test_a_box_is_told_by_its_own_things_nearest_look():
    frames = [[(box(0), 0.9, i), (box(200), 0.8, 100 + i)] for i in range(12)]

    index = built(frames)

    said = decoded(index.looks, LAYOUT)[nearest_looks(index), 0].round()
    assert said[index.thing_R == 0].tolist() == [0] * 6 + [10] * 6
    assert set(said[index.thing_R == 1].tolist()) == {100, 110}


def test_a_box_of_a_thing_without_a_look_is_told_by_nothing():
    index = built([[(box(0), 0.9, 1)]])
    blind = type(index)(**{**vars(index), "look_of_R": np.array([-1]), "looks": index.looks[:0]})

    assert nearest_looks(blind).tolist() == [NO_LOOK]


@pytest.mark.parametrize("content", [b"", b"PAR1 and nothing"])
def test_a_file_that_is_no_index_is_told_in_one_line(tmp_path, content):
    (tmp_path / "regions.parquet").write_bytes(content)

    with pytest.raises(IntegrityError, match=r"no index of regions"):
        read_index(tmp_path / "regions.parquet")


def test_a_table_of_something_else_is_no_index(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "regions.parquet")

    with pytest.raises(IntegrityError, match=r"no index of regions"):
        read_index(tmp_path / "regions.parquet")
