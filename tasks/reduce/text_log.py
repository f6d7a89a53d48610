"""`detections.txt`: one line a frame, for people and grep."""

from typing import Any

from tasks.reduce.frames import FrameRecord


def text_line(frame: FrameRecord) -> str:
    """Return e.g. `12  00:00:00.480  taxi 0.91 [34 50 120 300], cyclist 0.72 [5 8 60 90]`."""
    found = ", ".join(_found(row) for row in frame.detections)
    seen = f"({frame.unseen})" if frame.unseen else "-"
    return f"{frame.frame_index}\t{clock(frame.time_seconds)}\t{found or seen}\n"


def clock(time_seconds: float) -> str:
    """Return hours, minutes, seconds and milliseconds."""
    milliseconds = round(time_seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"


def _found(row: dict[str, Any]) -> str:
    box = " ".join(f"{row[side]:.0f}" for side in ("x_min", "y_min", "x_max", "y_max"))
    return f"{row['class_name']} {row['confidence']:.2f} [{box}]"
