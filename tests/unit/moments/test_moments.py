"""From frames in which a condition holds to moments."""

from collections.abc import Iterable

import pytest

from api_client.contract.marker import Gap
from api_client.errors import SettingsError
from api_client.log.frames import FrameRecord
from api_client.moments.condition import Count, Not
from api_client.moments.moment import Clock, Margins, Moment, held_frames, moments_of
from tests.logged_boxes import box
from tests.manifests import chunk, manifest

NO_MARGINS = Margins(pad_seconds=0, merge_seconds=0, min_seconds=0)
VIDEO = manifest(chunks=(chunk(0, range(100)),))  # ten frames a second
DOG = Count(label="dog")


def frame(index: int, *labels: str, unseen: str | None = None, track: int | None = None) -> FrameRecord:
    boxes = tuple(box(frame_index=index, class_name=label, tracker_id=track) for label in labels)
    return FrameRecord(
        frame_index=index, pts=index, time_seconds=index / 10, unseen=unseen, boxes=boxes, size_px=(64, 48)
    )


def moments(dogs: Iterable[int], margins: Margins) -> list[tuple[float, float]]:
    there = set(dogs)
    held = [(frame(index), index in there) for index in range(100)]
    return [(found.start_seconds, found.end_seconds) for found in moments_of(held, Clock(VIDEO), margins)]


def test_a_moment_lasts_until_the_next_frame_is_shown() -> None:
    assert moments(range(20, 30), NO_MARGINS) == [(2.0, 3.0)]
    assert moments([99], NO_MARGINS) == [(9.9, pytest.approx(10.0))]


def test_short_pauses_are_bridged_and_short_stretches_left_out() -> None:
    margins = Margins(pad_seconds=0, merge_seconds=1, min_seconds=0.5)

    found = moments([*range(10, 13), *range(20, 24), *range(50, 54), *range(80, 90)], margins)

    assert found == [(1.0, 2.4), (8.0, 9.0)]


def test_what_is_added_stays_inside_the_video_and_what_overlaps_is_joined() -> None:
    margins = Margins(pad_seconds=1, merge_seconds=0, min_seconds=0)

    assert moments([2, 30, 45, 98], margins) == [(0.0, 1.3), (2.0, 5.6), (8.8, pytest.approx(10.0))]


def test_what_is_of_no_track_stays_between_two_looks() -> None:
    frames = [frame(0, "dog"), frame(1, unseen="only one in 3"), frame(2, unseen="same"), frame(3)]

    assert [holds for _, holds in held_frames(frames, DOG, ())] == [True, True, True, False]


def test_in_a_gap_nothing_holds_no_not_either() -> None:
    frames = [frame(0), frame(1, unseen="lost"), frame(2)]
    gaps = (Gap(first_frame=1, last_frame=1, reason="lost"),)

    assert [holds for _, holds in held_frames(frames, Not(inner=DOG), gaps)] == [True, False, True]


def test_margins_are_times() -> None:
    with pytest.raises(SettingsError, match="--pad is -1 and must be 0 or more seconds"):
        Margins(pad_seconds=-1)


def test_a_moment_knows_how_long_it_is() -> None:
    assert Moment(first_frame=0, last_frame=9, start_seconds=1, end_seconds=2.5).duration_seconds == 1.5
