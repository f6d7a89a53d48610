"""Ways across edges, for any way and any zone."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.contract.zones import Line, Zone
from api_client.zones.geometry import crossing, is_inside
from api_client.zones.visits import Crossings, Sight, Visit

SQUARE = Zone(name="square", corners=((10, 10), (20, 10), (20, 20), (10, 20)))
HORSESHOE = Zone(name="u", corners=((0, 0), (10, 0), (10, 30), (20, 30), (20, 0), (30, 0), (30, 40), (0, 40)))
UPWARDS = Line(name="up", start=(15, 30), end=(15, 0))

places = st.tuples(st.integers(0, 40).map(float), st.integers(0, 40).map(float))
ways = st.lists(places, min_size=2, max_size=12)


def walked(zone: Zone, way: list[tuple[float, float]]) -> Visit:
    """One place a second."""
    visit = Visit(zone, Sight(time_seconds=0, foot=way[0]))
    for second, foot in enumerate(way[1:], start=1):
        visit.add(Sight(time_seconds=second, foot=foot))
    return visit


def test_a_visit_between_two_looks_counts_at_the_times_of_the_edge() -> None:
    visit = walked(SQUARE, [(0, 15), (40, 15)])

    assert [(event.what, event.time_seconds) for event in visit.events] == [("entered", 0.25), ("left", 0.5)]
    assert visit.dwell_seconds == pytest.approx(0.25)
    assert (visit.began_inside, visit.is_inside) == (False, False)


def test_a_zone_that_is_not_convex_is_entered_twice_on_one_way() -> None:
    visit = walked(HORSESHOE, [(-10, 10), (40, 10)])

    assert [event.what for event in visit.events] == ["entered", "left"] * 2
    assert visit.dwell_seconds == pytest.approx(20 / 50)


def test_who_is_there_from_the_start_did_not_enter() -> None:
    visit = walked(SQUARE, [(15, 15), (15, 15), (15, 40)])

    assert visit.began_inside
    assert [(event.what, event.place) for event in visit.events] == [("left", (15, 20))]
    assert visit.dwell_seconds == pytest.approx(1.2)


@given(ways, st.sampled_from([SQUARE, HORSESHOE]))
def test_who_enters_leaves_or_is_still_there(way: list[tuple[float, float]], zone: Zone) -> None:
    visit = walked(zone, way)

    changes = [1 if event.what == "entered" else -1 for event in visit.events]
    assert visit.began_inside + sum(changes) == visit.is_inside == is_inside(way[-1], zone)
    assert all(first != second for first, second in itertools.pairwise(changes))
    assert 0 <= visit.dwell_seconds <= len(way) - 1
    times = [event.time_seconds for event in visit.events]
    assert times == sorted(times)


@given(ways, st.integers(1, 5))
def test_more_looks_on_the_same_way_change_nothing(way: list[tuple[float, float]], more: int) -> None:
    finer = [
        (x1 + (x2 - x1) * n / more, y1 + (y2 - y1) * n / more)
        for (x1, y1), (x2, y2) in itertools.pairwise(way)
        for n in range(more)
    ]
    coarse, fine = walked(SQUARE, way), walked(SQUARE, [*finer, way[-1]])

    assert fine.dwell_seconds / more == pytest.approx(coarse.dwell_seconds, abs=1e-6)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (((0, 15), (30, 15)), (0.5, True)),  # looking up, right is right
        (((30, 15), (0, 15)), (0.5, False)),
        (((0, 35), (30, 35)), None),  # below its start
        (((0, 10), (10, 10)), None),
    ],
)
def test_a_line_is_crossed_to_the_right_or_to_the_left(
    way: tuple[tuple[float, float], tuple[float, float]], expected: tuple[float, bool] | None
) -> None:
    assert crossing(way, UPWARDS) == expected


@given(st.lists(st.tuples(st.integers(0, 30).map(float), st.just(15.0)), min_size=2, max_size=20))
def test_crossings_go_to_and_fro(way: list[tuple[float, float]]) -> None:
    crossings = Crossings(UPWARDS, Sight(time_seconds=0, foot=way[0]))
    for second, foot in enumerate(way[1:], start=1):
        crossings.add(Sight(time_seconds=second, foot=foot))

    directions = [event.what for event in crossings.events]
    assert all(first != second for first, second in itertools.pairwise(directions))
    assert len(directions) % 2 == ((way[0][0] > 15) != (way[-1][0] > 15))
