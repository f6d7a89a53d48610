"""`detections.txt`: one line a frame, for people and grep."""

from pathlib import Path

from api_client.log.boxes import LoggedBox
from api_client.log.exports.protocol import ExportedJob
from api_client.log.frames import FrameRecord
from api_client.log.plain_text import bare_or_quoted


class Text:
    """An `Export`."""

    names = ("detections.txt",)

    def open(self, directory: Path, job: ExportedJob) -> None:  # noqa: ARG002  # the protocol's
        """Begin."""
        self._file = (directory / self.names[0]).open("w", encoding="utf-8", newline="\n")

    def write(self, frame: FrameRecord) -> None:
        """Add a line."""
        self._file.write(text_line(frame))

    def close(self) -> None:
        """Complete the file."""
        self._file.close()


def text_line(frame: FrameRecord) -> str:
    """Return e.g. `12  00:00:00.480  taxi 0.91 [34 50 120 300] #1, cyclist 0.72 [5 8 60 90]`.

    Of a picture its name stands in place of the time.
    """
    found = ", ".join(_found(box) for box in frame.boxes)
    unseen = f"({frame.unseen})" if frame.unseen else ""
    said = " ".join(part for part in (unseen, found) if part) or "-"
    place = frame.file_name or clock(frame.time_seconds)
    return f"{frame.frame_index}\t{place}\t{said}\n"


def clock(time_seconds: float) -> str:
    """Return hours, minutes, seconds and milliseconds."""
    milliseconds = round(time_seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"


def _found(box: LoggedBox) -> str:
    corners = " ".join(f"{side:.0f}" for side in box.box_xyxy_px)
    mark = "~" if box.interpolated else ""
    identity = f" #{box.tracker_id}" if box.tracker_id is not None else ""
    return f"{mark}{bare_or_quoted(box.class_name)} {box.confidence:.2f} [{corners}]{identity}"
