"""WebVTT: `detections.vtt`, subtitles that say what is in view, e.g. `person x3, dog`.

A cue lasts as long as that does not change, over frames nobody looked at too.
"""

from collections import Counter
from pathlib import Path

from api_client.log.exports.protocol import ExportedJob
from api_client.log.exports.text import clock
from api_client.log.frames import FrameRecord
from api_client.log.plain_text import one_line

_LEAST_SECONDS = 0.001


class WebVtt:
    """An `Export`."""

    names = ("detections.vtt",)

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin."""
        rate = job.manifest.video.average_rate
        self._frame_seconds = rate[1] / rate[0]
        self._file = (directory / self.names[0]).open("w", encoding="utf-8", newline="\n")
        self._file.write("WEBVTT\n")
        self._text, self._since, self._now = "", 0.0, 0.0

    def write(self, frame: FrameRecord) -> None:
        """End the cue where this frame says something else."""
        self._now = frame.time_seconds
        if frame.unseen is not None and not frame.boxes:
            return
        text = _in_view(frame)
        if text != self._text:
            self._end_cue(frame.time_seconds)
            self._text, self._since = text, frame.time_seconds

    def close(self) -> None:
        """Complete the file."""
        self._end_cue(self._now + self._frame_seconds)
        self._file.close()

    def _end_cue(self, end_seconds: float) -> None:
        if self._text:
            end = max(end_seconds, self._since + _LEAST_SECONDS)
            self._file.write(f"\n{clock(self._since)} --> {clock(end)}\n{self._text}\n")


def _in_view(frame: FrameRecord) -> str:
    counts = Counter(box.class_name for box in frame.boxes)
    return ", ".join(_times(label, count) for label, count in sorted(counts.items()))


def _times(label: str, count: int) -> str:
    line = one_line(label, most=200).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return line if count == 1 else f"{line} x{count}"
