"""Manifests a worker keeps while jobs take turns."""

from api_client.contract import Manifest
from tasks.recent_manifests import RecentManifests
from tests.manifests import chunk, manifest

STEADY = range(10)
UNSTEADY = [n * n for n in range(210_000)]
"""No two steps alike: as many runs as a manifest of two hours may have, and more."""


class Shelf:
    """Hands out manifests and notes which were asked for."""

    def __init__(self, **pts: object) -> None:
        self.read: list[str] = []
        self._pts = pts

    def __call__(self, job_id: str) -> Manifest:
        self.read.append(job_id)
        return manifest(job_id=job_id, chunks=(chunk(0, self._pts.get(job_id, STEADY)),))  # type: ignore[arg-type]


def test_jobs_that_take_turns_are_read_once() -> None:
    shelf = Shelf()
    recent = RecentManifests(shelf)

    for _ in range(3):
        assert [recent.get(name).job_id for name in ("a", "b", "c")] == ["a", "b", "c"]

    assert shelf.read == ["a", "b", "c"]


def test_the_one_asked_for_longest_ago_goes_first() -> None:
    shelf = Shelf()
    recent = RecentManifests(shelf)
    names = [f"job-{number}" for number in range(17)]

    for name in (*names, names[-1], names[0]):
        recent.get(name)

    assert shelf.read == [*names, names[0]]


def test_one_that_fills_the_room_alone_is_kept_alone() -> None:
    shelf = Shelf(long=UNSTEADY)
    recent = RecentManifests(shelf)

    for name in ("a", "long", "long", "a"):
        recent.get(name)

    assert shelf.read == ["a", "long", "a"]
