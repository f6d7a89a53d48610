import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from api_client.media.source.packet_table import MISSING
from api_client.media.source.timestamps import (
    are_shuffled,
    are_unusable,
    monotonic_dts,
    on_packets,
    rising,
    times_in_order,
)


def _stamps(*values):
    return np.array([MISSING if value is None else value for value in values], dtype=np.int64)


def _rebuilt(order, pts, dts, step=3):
    order = np.array(order)
    times = times_in_order(order, _stamps(*pts), _stamps(*dts), step=step, second=1000)
    stamps, shown = on_packets(order, rising(times), len(pts))
    return stamps.tolist(), shown.tolist()


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=50))
def test_decoding_times_increase_and_never_exceed_presentation(pts):
    dts = monotonic_dts(np.array(pts, dtype=np.int64))

    assert np.all(np.diff(dts) > 0)
    assert np.all(dts <= pts)


def test_decoding_times_are_as_late_as_possible():
    assert monotonic_dts(_stamps(0, 40, 20, 60)).tolist() == [0, 19, 20, 60]


def test_good_timestamps_are_kept():
    assert _rebuilt([0, 2, 1], (0, 7, 5), (None, None, None)) == ([0, 7, 5], [True] * 3)


def test_timestamps_in_decoding_order_are_given_out_in_the_order_of_presentation():
    assert _rebuilt([0, 2, 1], (1, 2, 3), (0, 1, 2)) == ([0, 2, 1], [True] * 3)


def test_without_any_timestamps_frames_are_evenly_spaced():
    assert _rebuilt([0, 2, 1], (None, None, None), (None, None, None)) == ([0, 6, 3], [True] * 3)


def test_a_packet_without_a_frame_is_hidden_beside_its_predecessor():
    assert _rebuilt([0, 2], (None, None, None), (10, 11, 12)) == ([10, 10, 12], [True, False, True])


def test_decoding_times_that_jump_back_are_not_used():
    assert _rebuilt([0, 1, 2], (5, 6, 5), (5, 6, 4)) == ([4, 7, 10], [True] * 3)


def test_shuffled_are_timestamps_far_from_their_place():
    assert not are_shuffled(np.array([0, 16, 8, 4, 2, 1, 3, 6, 5, 7]))
    assert are_shuffled(np.tile(np.arange(100), 2) * 2)


def test_unusable_are_timestamps_that_are_missing_or_not_unique():
    yes, no = np.array([True, True]), np.array([False, False])

    assert not are_unusable(_stamps(1, 2), is_shown=yes, is_discard=no)
    assert are_unusable(_stamps(1, None), is_shown=yes, is_discard=no)
    assert are_unusable(_stamps(1, 1), is_shown=yes, is_discard=no)
    assert are_unusable(_stamps(1, 1), is_shown=np.array([True, False]), is_discard=np.array([False, True]))
    assert not are_unusable(_stamps(1, 1), is_shown=np.array([True, False]), is_discard=no)
