"""Boxes of a log, for tests that need no job."""

from typing import Any

from api_client.log.boxes import LoggedBox

_USUAL = LoggedBox(
    frame_index=0, pts=0, time_seconds=0.0, class_id=0, class_name="cat", confidence=0.9, x_min=1.0,
    y_min=2.0, x_max=30.0, y_max=40.0, tracker_id=None, interpolated=False, detected_as=None, mask=None,
)  # fmt: skip


def box(**fields: Any) -> LoggedBox:
    """A box that has these fields."""
    return _USUAL._replace(**fields)
