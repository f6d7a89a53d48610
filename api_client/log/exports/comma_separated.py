"""`detections.csv`: the columns of the log without masks, for spreadsheets (RFC 4180, UTF-8).

Of pictures it has names in place of times.
"""

import csv
from pathlib import Path

from api_client.contract.detection_log import JOB_SCHEMA
from api_client.log.boxes import LoggedBox
from api_client.log.exports.protocol import ExportedJob
from api_client.log.frames import FrameRecord


class CommaSeparated:
    """An `Export`."""

    names = ("detections.csv",)

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin."""
        self._file = (directory / self.names[0]).open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        index, pts, seconds, *rest = JOB_SCHEMA.names[:-1]
        place = ["file_name"] if job.manifest.footage.pictures else [pts, seconds]
        self._writer.writerow([index, *place, *rest])

    def write(self, frame: FrameRecord) -> None:
        """Add a row a box; numbers rounded as in JSON."""
        for box in frame.boxes:
            self._writer.writerow(
                (
                    box.frame_index,
                    *(_time_of(box) if frame.file_name is None else [frame.file_name]),
                    box.class_id,
                    box.class_name,
                    round(box.confidence, 4),
                    *(round(side, 2) for side in box.box_xyxy_px),
                    "" if box.tracker_id is None else box.tracker_id,
                    int(box.interpolated),
                    box.detected_as or "",
                )
            )

    def close(self) -> None:
        """Complete the file."""
        self._file.close()


def _time_of(box: LoggedBox) -> tuple[int, float]:
    return box.pts, round(box.time_seconds, 6)
