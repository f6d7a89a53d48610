"""From detections to the rows of the detection log."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

from api_client.contract import VideoSpec
from api_client.contract.detection_log import SCHEMA
from workers.frame_detections import FrameDetections

ROWS_PER_BATCH = 8192


def record_batches(
    frames: Iterable[FrameDetections],
    video: VideoSpec,
    labels: Sequence[str],
    *,
    rows_per_batch: int = ROWS_PER_BATCH,
) -> Iterator[pa.RecordBatch]:
    """Yield the frames' detections as record batches of `SCHEMA`, in order.

    A batch ends with the frame that fills it, so that where batches end depends on the frames alone.
    """
    waiting: list[FrameDetections] = []
    row_count = 0
    for frame in frames:
        waiting.append(frame)
        row_count += len(frame.detections)
        if row_count >= rows_per_batch:
            yield _record_batch(waiting, video, labels)
            waiting, row_count = [], 0
    if row_count:
        yield _record_batch(waiting, video, labels)


def _record_batch(
    frames: Sequence[FrameDetections], video: VideoSpec, labels: Sequence[str]
) -> pa.RecordBatch:
    counts = [len(frame.detections) for frame in frames]
    boxes = np.concatenate([frame.detections.boxes_xyxy_px for frame in frames]).astype(np.float32)
    label_ids = np.concatenate([frame.detections.label_ids for frame in frames]).astype(np.int32)
    columns = {
        "frame_index": np.repeat([frame.frame_index for frame in frames], counts),
        "pts": np.repeat([frame.pts for frame in frames], counts),
        "time_seconds": np.repeat([video.time_seconds(frame.pts) for frame in frames], counts),
        "class_id": label_ids,
        "class_name": [labels[label_id] for label_id in label_ids],
        "confidence": np.concatenate([frame.detections.scores for frame in frames]).astype(np.float32),
        "x_min": boxes[:, 0],
        "y_min": boxes[:, 1],
        "x_max": boxes[:, 2],
        "y_max": boxes[:, 3],
        "tracker_id": [None] * sum(counts),
        "mask": list(chain.from_iterable(map(_mask_bytes, frames))),
    }
    arrays = [pa.array(columns[field.name], type=field.type) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _mask_bytes(frame: FrameDetections) -> list[bytes | None]:
    masks = frame.detections.masks
    if masks is None:
        return [None] * len(frame.detections)
    return [mask.tobytes() if mask.any() else None for mask in masks]
