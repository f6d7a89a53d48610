"""COCO: a full dataset (`detections-coco.json`) and a list of results (`detections-coco-results.json`).

An image is a frame that was looked at, or that has interpolated boxes; its id is the frame's index. Its
file name is what `ffmpeg -i NAME.mp4 -start_number 0 NAME/%06d.jpg` writes, or the picture's own. Category
ids count from 1. Results hold detections alone.
"""

import json
from pathlib import Path
from typing import Any

from api_client.log.boxes import LoggedBox
from api_client.log.exports.protocol import ExportedJob
from api_client.log.exports.run_lengths import box_mask_to_rle
from api_client.log.exports.streamed_json import StreamedArray
from api_client.log.frames import FrameRecord


class Coco:
    """An `Export`."""

    names = ("detections-coco.json", "detections-coco-results.json")

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin."""
        self._job = job
        categories = [{"id": number, "name": label} for number, label in enumerate(job.labels, start=1)]
        info = {"description": job.manifest.source.file_name, "version": "1.0"}
        head = f'{{"info":{_text(info)},"licenses":[],"categories":{_text(categories)},"annotations":['
        self._dataset = StreamedArray(directory / self.names[0], before=head)
        self._images = StreamedArray(directory / ".coco-images", before='],"images":[')
        self._results = StreamedArray(directory / self.names[1])
        self._annotations = 0

    def write(self, frame: FrameRecord) -> None:
        """Add a frame, unless nothing is known of it."""
        if frame.unseen is not None and not frame.boxes:
            return
        self._images.append(self._image(frame))
        for box in frame.boxes:
            described = _described(box, frame.size_px)
            self._annotations += 1
            self._dataset.append({"id": self._annotations, **described, "iscrowd": 0, **_attributes(box)})
            if not box.interpolated:
                self._results.append(_result(described, box))

    def close(self) -> None:
        """Complete the files."""
        self._images.close(after="\n]}\n")
        self._dataset.close(after="\n")
        self._dataset.continue_with(self._images.path)
        self._results.close()

    def _image(self, frame: FrameRecord) -> dict[str, Any]:
        width, height = frame.size_px
        image = {"id": frame.frame_index, "file_name": frame.file_name, "width": width, "height": height}
        if frame.file_name is not None:
            return image
        return {
            **image,
            "file_name": f"{self._job.stem}/{frame.frame_index:06d}.jpg",
            "frame_index": frame.frame_index,
            "time_seconds": round(frame.time_seconds, 6),
        }


def _described(box: LoggedBox, size_px: tuple[int, int]) -> dict[str, Any]:
    sides = (box.x_min, box.y_min, box.width_px, box.height_px)
    described = {
        "image_id": box.frame_index,
        "category_id": box.class_id + 1,
        "bbox": [round(side, 2) for side in sides],
        "area": round(box.width_px * box.height_px, 2),
    }
    if box.mask:
        width, height = size_px
        counts, area = box_mask_to_rle(box.mask, box.box_xyxy_px, width_px=width, height_px=height)
        described["segmentation"] = {"size": [height, width], "counts": counts}
        described["area"] = area
    return described


def _attributes(box: LoggedBox) -> dict[str, Any]:
    return {
        "score": round(box.confidence, 4),
        "attributes": {"track_id": box.tracker_id, "interpolated": box.interpolated},
    }


def _result(described: dict[str, Any], box: LoggedBox) -> dict[str, Any]:
    kept = {name: value for name, value in described.items() if name != "area"}
    return {**kept, "score": round(box.confidence, 4)}


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
