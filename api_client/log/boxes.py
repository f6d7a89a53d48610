"""One box of the log, as everything after the workers sees it."""

from typing import NamedTuple


class LoggedBox(NamedTuple):
    """One row of a job's log. The order of the fields is that of `JOB_SCHEMA`, so that rows are tuples."""

    frame_index: int
    pts: int
    time_seconds: float
    class_id: int
    class_name: str
    """The label of the object: of its track where it has one, else the detector's."""
    confidence: float
    x_min: float
    """Pixels of the displayed frame, like the three below."""
    y_min: float
    x_max: float
    y_max: float
    tracker_id: int | None
    """Counts from 1 in order of first appearance; None where the box is of no track."""
    interpolated: bool
    """Placed between two detections of its track: no detector saw it here."""
    detected_as: str | None
    """The detector's own label where the track's vote overruled it."""
    mask: bytes | None
    """M*M bytes, probability 0..255 over the box."""

    @property
    def box_xyxy_px(self) -> tuple[float, float, float, float]:
        """The corners."""
        return self.x_min, self.y_min, self.x_max, self.y_max

    @property
    def width_px(self) -> float:
        """Never below 0."""
        return max(0.0, self.x_max - self.x_min)

    @property
    def height_px(self) -> float:
        """Never below 0."""
        return max(0.0, self.y_max - self.y_min)
