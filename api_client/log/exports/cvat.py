"""CVAT for video 1.1: `detections-cvat.xml`, one `<track>` an object.

Detections are key frames, interpolated boxes are not; where a track is out of sight it is `outside`.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from api_client.log.boxes import LoggedBox
from api_client.log.exports.protocol import ExportedJob
from api_client.log.exports.whole_tracks import WholeTracks, stretches
from api_client.log.frames import FrameRecord


class Cvat:
    """An `Export`."""

    names = ("detections-cvat.xml",)

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin."""
        self._end_frame = job.manifest.video.end_frame
        self._tracks = WholeTracks(job.last_frames)
        self._written = 0
        self._file = (directory / self.names[0]).open("w", encoding="utf-8", newline="\n")
        self._file.write(_head(job))

    def write(self, frame: FrameRecord) -> None:
        """Add the tracks that end with this frame."""
        for boxes in self._tracks.add(frame):
            label = _attribute(boxes[0].class_name)
            self._file.write(f'  <track id="{self._written}" label={label} source="auto">\n')
            self._file.writelines(self._boxes(boxes))
            self._file.write("  </track>\n")
            self._written += 1

    def close(self) -> None:
        """Complete the file."""
        self._file.write("</annotations>\n")
        self._file.close()

    def _boxes(self, boxes: list[LoggedBox]) -> Iterator[str]:
        for stretch in stretches(boxes):
            for box in stretch:
                yield _box(box, box.frame_index, is_key=not box.interpolated, is_outside=False)
            after = stretch[-1].frame_index + 1
            if after < self._end_frame:
                yield _box(stretch[-1], after, is_key=True, is_outside=True)


def _box(box: LoggedBox, frame_index: int, *, is_key: bool, is_outside: bool) -> str:
    return (
        f'    <box frame="{frame_index}" keyframe="{is_key:d}" outside="{is_outside:d}" occluded="0" '
        f'xtl="{box.x_min:.2f}" ytl="{box.y_min:.2f}" xbr="{box.x_max:.2f}" ybr="{box.y_max:.2f}" '
        f'z_order="0"><attribute name="confidence">{box.confidence:.4f}</attribute></box>\n'
    )


def _head(job: ExportedJob) -> str:
    manifest, video = job.manifest, job.manifest.video
    created = manifest.created_at.strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
    labels = "".join(_label(label) for label in job.labels)
    name = _content(manifest.source.file_name)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n'
        f"    <task>\n      <id>0</id>\n      <name>{name}</name>\n      <size>{video.end_frame}</size>\n"
        "      <mode>interpolation</mode>\n      <overlap>0</overlap>\n      <bugtracker></bugtracker>\n"
        f"      <created>{created}</created>\n      <updated>{created}</updated>\n"
        f"      <start_frame>0</start_frame>\n      <stop_frame>{video.end_frame - 1}</stop_frame>\n"
        f"      <frame_filter></frame_filter>\n      <labels>\n{labels}      </labels>\n"
        f"      <original_size>\n        <width>{video.width_px}</width>\n"
        f"        <height>{video.height_px}</height>\n      </original_size>\n"
        f"      <source>{name}</source>\n    </task>\n    <dumped>{created}</dumped>\n  </meta>\n"
    )


def _label(label: str) -> str:
    return (
        f"        <label><name>{_content(label)}</name><type>rectangle</type><attributes><attribute>"
        "<name>confidence</name><mutable>True</mutable><input_type>text</input_type>"
        "<default_value></default_value><values></values></attribute></attributes></label>\n"
    )


def _content(text: str) -> str:
    return escape(_allowed(text))


def _attribute(text: str) -> str:
    return quoteattr(_allowed(text))


def _allowed(text: str) -> str:
    """Replace what XML 1.0 has no way to write."""
    return "".join(c if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or _is_high(c) else "\ufffd" for c in text)


def _is_high(character: str) -> bool:
    return "\ue000" <= character <= "\ufffd" or character > "\uffff"
