"""Which objects get a picture where not all may."""

from dataclasses import dataclass
from typing import Any

from api_client.best_looks import Effort, _by_part
from tests.manifests import chunk, manifest

VIDEO = manifest(chunks=(chunk(0, range(10)), chunk(1, range(10, 20), first_frame=10)))  # 64 by 48 pixels
FRAME = 64 * 48


@dataclass
class _Job:
    rows: list[dict[str, Any]]
    manifest = VIDEO

    def tracks(self) -> list[dict[str, Any]]:
        return self.rows


def track(tracker_id: int, best_frame: int, frames_seen: int) -> dict[str, Any]:
    return {"tracker_id": tracker_id, "best_frame": best_frame, "frames_seen": frames_seen}


def looked_at(rows: list[dict[str, Any]], *, frames: float, size_bytes: float = 1e9) -> set[int]:
    effort = Effort(most_pixels=frames * FRAME, most_bytes=size_bytes)
    parts = _by_part(_Job(rows), effort)  # type: ignore[arg-type]
    return {row["tracker_id"] for frames in parts.values() for rows in frames.values() for row in rows}


def test_what_was_seen_longest_comes_first() -> None:
    rows = [track(1, 4, 10), track(2, 14, 30), track(3, 19, 20)]

    assert looked_at(rows, frames=5) == {2}
    assert looked_at(rows, frames=10) == {2, 3}  # the third is five frames further in the same part
    assert looked_at(rows, frames=15) == {1, 2, 3}


def test_a_look_on_the_way_to_another_costs_nothing() -> None:
    assert looked_at([track(1, 9, 30), track(2, 3, 1), track(3, 9, 1)], frames=10) == {1, 2, 3}


def test_what_is_fetched_is_bounded_too() -> None:
    assert looked_at([track(1, 0, 3), track(2, 10, 2), track(3, 1, 1)], frames=99, size_bytes=1) == {1, 3}
