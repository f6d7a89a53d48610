"""YOLO: `detections-yolo.zip` with `data.yaml` and one text file for each frame that was looked at.

A picture's has the picture's name, with `.txt` for its suffix, as the format wants it; of two pictures that
differ in the suffix alone, the second keeps it.

A line is class (from 0), centre x and y, width, height, as shares of the picture. A frame in which nothing
was found has an empty file. Interpolated boxes are left out: the format cannot mark them.
"""

import json
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from api_client.log.boxes import LoggedBox
from api_client.log.exports.protocol import ExportedJob
from api_client.log.frames import FrameRecord

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same files make the same bytes


class Yolo:
    """An `Export`."""

    names = ("detections-yolo.zip",)

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin."""
        self._job = job
        self._names: set[str] = set()
        self._zip = ZipFile(directory / self.names[0], "w")
        names = "".join(f"  {number}: {_quoted(label)}\n" for number, label in enumerate(job.labels))
        self._add("data.yaml", f"path: .\ntrain: images\nval: images\nnames:\n{names}")

    def write(self, frame: FrameRecord) -> None:
        """Add a file."""
        if frame.unseen is None:
            lines = "".join(_line(box, frame.size_px) for box in frame.detections)
            self._add(f"labels/{self._name(frame)}.txt", lines)

    def close(self) -> None:
        """Complete the archive."""
        self._zip.close()

    def _add(self, name: str, text: str) -> None:
        info = ZipInfo(name, _LONG_AGO)
        info.compress_type = ZIP_DEFLATED
        self._zip.writestr(info, text.encode())

    def _name(self, frame: FrameRecord) -> str:
        if frame.file_name is None:
            return f"{self._job.stem}_{frame.frame_index:06d}"
        name = str(PurePosixPath(frame.file_name).with_suffix(""))
        name = frame.file_name if name in self._names else name
        self._names.add(name)
        return name


def _line(box: LoggedBox, size_px: tuple[int, int]) -> str:
    width, height = size_px
    left, right = (min(max(x / width, 0.0), 1.0) for x in (box.x_min, box.x_max))
    top, bottom = (min(max(y / height, 0.0), 1.0) for y in (box.y_min, box.y_max))
    middle = f"{(left + right) / 2:.6f} {(top + bottom) / 2:.6f}"
    return f"{box.class_id} {middle} {right - left:.6f} {bottom - top:.6f}\n"


def _quoted(label: str) -> str:
    return json.dumps(label)  # JSON's strings are YAML's
