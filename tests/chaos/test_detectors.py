"""Detectors that go wrong at one frame: its chunk is a gap with the reason, and all else as it would be."""

import pytest

from tests.chaos.arena import TROUBLED_FRAMES
from tests.chaos.case import Case
from tests.chaos.results import Gap

REASONS = {
    "raise": r"ValueError: the first line\S* ?the second",
    "raise_memory_error": "MemoryError: no memory for 3 GiB",
    "raise_system_exit": ".*",
    "exit": "every worker that tried it died",
    "die": "every worker that tried it died",
    "hang": "no batch was finished within",
    "eat_memory": ".*memory",
    "find_nan": ".*(nan|NaN|finite)",
    "find_unknown_label": ".*77",
    "find_too_few": ".*",
}
BOUNDS_SECONDS = {"hang": 120}


@pytest.mark.parametrize("trouble", REASONS)
def test_a_detector_goes_wrong(case: Case, trouble: str) -> None:
    case.about(
        stage="detect", fault=f"detector: {trouble.replace('_', ' ')}", result="gap, all else identical"
    )
    client = case.submit(detector=f"python:tests.chaos.detectors:load_{trouble}")
    case.succeeds(
        client,
        gap=Gap(frames=TROUBLED_FRAMES, reason=REASONS[trouble]),
        may_hold_messages=True,
        bound_seconds=BOUNDS_SECONDS.get(trouble),
    )
    text = (case.output / "detections.txt").read_bytes()
    assert b"\x1b" not in text
    assert len(text.splitlines()) == len(
        (case.arena.undisturbed / "detections.txt").read_bytes().splitlines()
    )
