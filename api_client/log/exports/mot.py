"""MOTChallenge: one line a box of a track, and what names the sequence and the classes.

`detections-mot.txt`: frame (from 1), identity, left, top, width, height, confidence, class (from 1,
`detections-mot-labels.txt` line by line), visibility (1), -1. Detections of no track are left out: the
format has no place for what is nobody.
"""

from pathlib import Path

from api_client.log.exports.protocol import ExportedJob
from api_client.log.frames import FrameRecord
from api_client.log.plain_text import one_line


class Mot:
    """An `Export`."""

    names = ("detections-mot.txt", "detections-mot-labels.txt", "detections-mot-seqinfo.ini")

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin."""
        labels = "".join(f"{one_line(label, most=10_000)}\n" for label in job.labels)
        (directory / self.names[1]).write_text(labels, encoding="utf-8", newline="\n")
        (directory / self.names[2]).write_text(_sequence(job), encoding="utf-8", newline="\n")
        self._file = (directory / self.names[0]).open("w", encoding="utf-8", newline="\n")

    def write(self, frame: FrameRecord) -> None:
        """Add a line a box."""
        for box in sorted(frame.boxes, key=lambda box: box.tracker_id or 0):
            if box.tracker_id is not None:
                self._file.write(
                    f"{frame.frame_index + 1},{box.tracker_id},{box.x_min:.2f},{box.y_min:.2f},"
                    f"{box.width_px:.2f},{box.height_px:.2f},{box.confidence:.4f},{box.class_id + 1},1,-1\n"
                )

    def close(self) -> None:
        """Complete the file."""
        self._file.close()


def _sequence(job: ExportedJob) -> str:
    video = job.manifest.video
    rate = video.average_rate[0] / video.average_rate[1]
    return (
        f"[Sequence]\nname={one_line(job.stem, most=200)}\nimDir=img1\nframeRate={rate:g}\n"
        f"seqLength={video.end_frame}\nimWidth={video.width_px}\nimHeight={video.height_px}\nimExt=.jpg\n"
    )
