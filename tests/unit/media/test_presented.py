from fractions import Fraction

from api_client.media.presented import first_difference


def _times(*values):
    return iter([Fraction(value, 30) for value in values])


def test_the_same_times_from_another_start_are_the_same():
    assert first_difference(_times(0, 1, 3), _times(7, 8, 10)) is None


def test_the_first_frame_at_another_time_is_named():
    assert (
        first_difference(_times(0, 1, 3), _times(0, 2, 3))
        == "frame 1 is shown at 0.033333 s and at 0.066667 s"
    )


def test_missing_and_surplus_frames_are_named():
    assert first_difference(_times(0, 1, 3), _times(0, 1)) == "frame 2 of the first has no counterpart"
    assert first_difference(_times(0), _times(0, 1)) == "frame 1 of the second has no counterpart"
