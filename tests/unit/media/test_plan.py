import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.media.parts.plan import notes_on, plan
from tests.unit.media.tables import OPEN_GROUPS, table


def _cut(packets, **limits):
    return plan(packets, **{"target_seconds": 1000, "max_frames": 1000, **limits})


def test_a_chunk_carries_the_next_keyframe_and_its_leading_pictures():
    packets = table(OPEN_GROUPS, keys=[0, 4, 10])

    chunks = _cut(packets, max_frames=6)

    assert [chunk.packets for chunk in chunks] == [range(7), range(4, 13), range(10, 13)]
    assert [list(chunk.pts) for chunk in chunks] == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12]]


def test_a_chunk_of_closed_groups_ends_where_the_next_begins():
    packets = table(range(12), keys=[0, 4, 8])

    chunks = _cut(packets, max_frames=4)

    assert [chunk.packets for chunk in chunks] == [range(4), range(4, 8), range(8, 12)]


def test_timestamps_in_a_chunk_count_from_its_earliest_packet():
    packets = table(OPEN_GROUPS, keys=[0, 4, 10])

    chunks = _cut(packets, max_frames=6)

    assert [chunk.offset_pts for chunk in chunks] == [0, 4, 10]


def test_a_chunk_is_as_long_as_the_limits_allow():
    packets = table(range(100), keys=range(0, 100, 5))

    by_frames = _cut(packets, max_frames=22)
    by_time = _cut(packets, target_seconds=3)

    assert [chunk.frame_count for chunk in by_frames] == [20, 20, 20, 20, 20]
    assert [chunk.frame_count for chunk in by_time] == [30, 30, 30, 10]


def test_a_group_that_is_too_long_is_cut_inside_and_repeats_its_packets():
    packets = table(range(10), keys=[0])

    chunks = _cut(packets, max_frames=4)

    assert [chunk.packets for chunk in chunks] == [range(3), range(6), range(10)]
    assert [chunk.frame_count for chunk in chunks] == [3, 3, 4]
    assert notes_on(chunks, max_frames=4) == (
        "keyframes are far apart: 2 chunk(s) repeat packets of the chunk before",
    )


def test_an_endless_group_is_cut_only_so_often():
    packets = table(range(1000), keys=[0])

    chunks = _cut(packets, max_frames=5)

    assert len(chunks) == 12
    assert "84 frames instead of 5" in notes_on(chunks, max_frames=5)[-1]


def test_a_keyframe_that_is_shown_before_an_earlier_packet_is_no_place_to_cut():
    packets = table([0, 1, 9, 2, 3, 4], keys=[0, 3])

    chunks = _cut(packets, max_frames=3)

    assert [chunk.packets.start for chunk in chunks] == [0, 0]


def test_hidden_packets_are_carried_and_not_expected():
    packets = table([0, 1, 2, 3, 4, 5], keys=[0, 3], discard=[0, 1])

    chunks = _cut(packets, max_frames=3)

    assert [chunk.packets for chunk in chunks] == [range(3), range(3, 6)]
    assert [list(chunk.pts) for chunk in chunks] == [[2], [3, 4, 5]]


@pytest.mark.parametrize("limits", [{"max_frames": 0}, {"target_seconds": 0}])
def test_limits_must_be_positive(limits):
    with pytest.raises(ValueError, match="positive"):
        _cut(table([0], keys=[0]), **limits)


@st.composite
def _streams(draw):
    """Groups of pictures with any number of leading ones, at any distance, some packets hidden."""
    pts, keys, start = [], [], 0
    for _ in range(draw(st.integers(1, 6))):
        leading = draw(st.integers(0, 3)) if pts else 0
        times = [start + i for i in range(leading + draw(st.integers(1, 8)))]
        keys.append(len(pts))
        pts += [times[leading], *times[:leading], *times[leading + 1 :]]
        start = times[-1] + draw(st.integers(1, 5))
    hidden = draw(st.sets(st.integers(0, len(pts) - 1), max_size=len(pts) - 1))
    return table(pts, keys=keys, hidden=hidden)


@given(_streams(), st.integers(1, 12), st.floats(0.1, 5))
def test_every_shown_frame_is_in_one_chunk_that_carries_its_packet(packets, max_frames, target_seconds):
    chunks = plan(packets, target_seconds=target_seconds, max_frames=max_frames)

    assert [pts for chunk in chunks for pts in chunk.pts] == packets.shown_pts.tolist()
    assert [chunk.first_frame for chunk in chunks] == [
        sum(other.frame_count for other in chunks[:index]) for index in range(len(chunks))
    ]
    for chunk in chunks:
        carried = set(packets.pts[chunk.packets.start : chunk.packets.stop].tolist())
        assert set(chunk.pts) <= carried
        assert packets.is_key[chunk.packets.start] or chunk.index == 0
