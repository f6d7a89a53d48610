"""Label Studio, video object tracking: `detections-labelstudio.json`, a task with one prediction.

The labelling set-up it fits: `<Video name="video" value="$video"/>`,
`<VideoRectangle name="box" toName="video"/>`, `<Labels name="labels" toName="video">…</Labels>`.
Label Studio itself interpolates between detections, so only these are written; frames count from 1.
"""

import json
from pathlib import Path
from typing import Any

from api_client.log.boxes import LoggedBox
from api_client.log.exports.protocol import ExportedJob
from api_client.log.exports.streamed_json import StreamedArray
from api_client.log.exports.whole_tracks import WholeTracks, stretches
from api_client.log.frames import FrameRecord


class LabelStudio:
    """An `Export`."""

    names = ("detections-labelstudio.json",)

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin."""
        self._video = job.manifest.video
        self._tracks = WholeTracks(job.last_frames)
        self._written = 0
        data = json.dumps({"video": job.manifest.source.file_name}, ensure_ascii=False)
        model = json.dumps(job.manifest.job.detector.name)
        head = f'[{{"data":{data},"predictions":[{{"model_version":{model},"result":['
        self._results = StreamedArray(directory / self.names[0], before=head)

    def write(self, frame: FrameRecord) -> None:
        """Add the tracks that end with this frame."""
        for boxes in self._tracks.add(frame):
            self._written += 1
            self._results.append(self._result(boxes))

    def close(self) -> None:
        """Complete the file."""
        self._results.close(after="\n]}]}]\n")

    def _result(self, boxes: list[LoggedBox]) -> dict[str, Any]:
        rate = self._video.average_rate[0] / self._video.average_rate[1]
        sequence = [
            self._key_frame(box, is_last=box is stretch[-1])
            for stretch in stretches(boxes)
            for box in stretch
            if not box.interpolated
        ]
        return {
            "id": f"box{self._written}",
            "type": "videorectangle",
            "from_name": "box",
            "to_name": "video",
            "origin": "prediction",
            "score": round(max(box.confidence for box in boxes), 4),
            "meta": {"tracker_id": boxes[0].tracker_id},
            "value": {
                "framesCount": self._video.end_frame,
                "duration": round(self._video.end_frame / rate, 3),
                "labels": [boxes[0].class_name],
                "sequence": sequence,
            },
        }

    def _key_frame(self, box: LoggedBox, *, is_last: bool) -> dict[str, Any]:
        across, down = 100 / self._video.width_px, 100 / self._video.height_px
        return {
            "frame": box.frame_index + 1,
            "time": round(box.time_seconds, 6),
            "enabled": not is_last,
            "rotation": 0,
            "x": round(box.x_min * across, 4),
            "y": round(box.y_min * down, 4),
            "width": round(box.width_px * across, 4),
            "height": round(box.height_px * down, 4),
        }
