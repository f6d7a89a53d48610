"""Looks as bytes."""

import numpy as np
import pytest

from api_client.log.regions import Segment, are_read_alike, decoded, encoded
from api_client.log.regions.layout import row_bytes, segment_of
from tests.unit.regions.indexes import LAYOUT, look


def test_what_is_decoded_is_nearly_what_was_encoded():
    looks = np.stack([look(number) for number in (0.0, 0.3, 100.0)])

    again = decoded(encoded(looks, LAYOUT), LAYOUT)

    assert np.array_equal(again[:, 4:6], looks[:, 4:6])  # names are whole numbers
    assert np.allclose(again[:, :4], looks[:, :4], atol=100 / 254)
    assert np.allclose(again[:, 6:], looks[:, 6:], atol=0.004)


def test_a_look_takes_the_bytes_its_layout_says():
    rows = encoded(np.zeros((3, 8), np.float32), LAYOUT)

    assert rows.shape == (3, row_bytes(LAYOUT)) == (3, (4 + 2) + 2 * 2 + 2)


def test_unit_vectors_keep_their_directions():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    layout = (Segment(name="embedding", count=384, coding="int8"),)

    again = decoded(encoded(vectors, layout), layout)

    assert ((again * vectors).sum(1) / np.linalg.norm(again, axis=1)).min() > 0.9998


def test_coarse_steps_are_read_as_fine_ones_are():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 384)).astype(np.float32)
    fine, coarse = (
        (Segment(name="embedding", count=384, coding="int8", steps=steps),) for steps in (127, 31)
    )

    rows = encoded(vectors, coarse)

    assert np.abs(rows[:, 2:].view(np.int8)).max(axis=1).tolist() == [31] * 50
    assert are_read_alike(coarse, fine)
    assert np.allclose(decoded(rows, fine), vectors, atol=np.abs(vectors).max() / 31)


def test_other_numbers_are_not_read_alike():
    one = (Segment(name="embedding", count=384, coding="int8"),)

    assert not are_read_alike(one, (Segment(name="embedding", count=383, coding="int8"),))
    assert not are_read_alike(one, (*one, *one))


def test_a_segment_can_be_read_alone():
    rows = encoded(look(0.25)[None], LAYOUT)

    assert segment_of(rows, LAYOUT, "names").tolist() == [[7, 300]]
    with pytest.raises(KeyError):
        segment_of(rows, LAYOUT, "nothing")
