"""Zones and lines as they are typed."""

import pytest

from api_client.errors import SettingsError
from api_client.zones.asked import check_inside, line_of, shapes_of, zone_of
from tests.manifests import manifest

VIDEO = manifest().video  # 64 by 48


def test_two_corners_are_a_rectangle() -> None:
    assert zone_of("door=1,2,30,40").corners == ((1, 2), (30, 2), (30, 40), (1, 40))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("door", "is no zone"),
        ("door=1,2,3", "is no zone"),
        ("door=1,2,x,4", "is no zone"),
        ("door=1,2,1,9", "it has no area"),
        ("door=1,2,nan,9", "is no zone"),
        ("front door=1,2,3,4", "a name that is one word"),
        ("=1,2,3,4", "a name that is one word"),
        (f"{'d' * 41}=1,2,3,4", "at most 40 letters"),
    ],
)
def test_what_is_no_zone_is_told_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason) as caught:
        zone_of(text)

    assert "\n" not in str(caught.value)


def test_a_line_has_two_points_that_differ() -> None:
    with pytest.raises(SettingsError, match="3 points instead of 2"):
        line_of("in=1,2,3,4,5,6")
    with pytest.raises(SettingsError, match="begins where it ends"):
        line_of("in=1,2,1,2")


def test_every_name_stands_for_one() -> None:
    with pytest.raises(SettingsError, match="two zones or lines called 'door'"):
        shapes_of(["door=1,2,3,4"], ["door=1,2,3,4"])


def test_what_nobody_in_the_picture_can_reach_is_refused() -> None:
    check_inside(shapes_of(["edge=60,40,100,100"], ["in=-5,20,70,20"]), VIDEO)

    with pytest.raises(SettingsError, match=r"zone 'door' lies outside of the frame: .* 64 by 48 pixels"):
        check_inside(shapes_of(["door=100,10,200,20"]), VIDEO)
    with pytest.raises(SettingsError, match="line 'in' lies outside"):
        check_inside(shapes_of([], ["in=0,-9,64,-1"]), VIDEO)
