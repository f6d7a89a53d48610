"""Class-agnostic regions kept of every frame looked at, so that other words can be asked of them later.

`regions.safetensors` holds, for K frames looked at, R regions in all, and F numbers per region:

    frame_index  (K,)   int64    in the whole video, rising
    count        (K,)   int64    regions of that frame; they sum to R
    boxes        (R, 4) float32  absolute pixels: x_min, y_min, x_max, y_max
    objectness   (R,)   float32  0..1, falling within a frame
    features     (R, F) float16  what the detector's `rescore` takes

A detector that cannot keep regions leaves every count 0.

The file is written by hand rather than by the safetensors library: features of a long chunk are hundreds of
megabytes and go through the disk instead of memory, and the library orders its header at random.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from workers.detectors.detections import Regions
from workers.frame_detections import FrameDetections

_DTYPE_NAMES = {"int64": "I64", "float32": "F32", "float16": "F16"}
_NONE = Regions(
    boxes_xyxy_px=np.zeros((0, 4), np.float32),
    objectness=np.zeros(0, np.float32),
    features=np.zeros((0, 0), np.float16),
)


def write_regions(path: Path, frames: Iterable[FrameDetections]) -> None:
    """Write the regions of all frames. Equal regions give equal bytes; features never pile up in memory."""
    with tempfile.TemporaryFile(dir=path.parent) as features:
        kept = {
            frame.frame_index: _move_features(frame.detections.regions or _NONE, features) for frame in frames
        }
        counts = [len(regions.objectness) for regions in kept.values()]
        small: dict[str, NDArray[Any]] = {
            "frame_index": np.array(list(kept), np.int64),
            "count": np.array(counts, np.int64),
            "boxes": np.concatenate([r.boxes_xyxy_px for r in (_NONE, *kept.values())]).astype(np.float32),
            "objectness": np.concatenate([r.objectness for r in (_NONE, *kept.values())]).astype(np.float32),
        }
        size = features.tell() // max(1, 2 * sum(counts))
        _write_safetensors(path, small, features, feature_shape=(sum(counts), size))


def _move_features(regions: Regions, file: IO[bytes]) -> Regions:
    file.write(np.ascontiguousarray(regions.features, np.float16).tobytes())
    return replace(regions, features=_NONE.features)


def _write_safetensors(
    path: Path,
    small: Mapping[str, NDArray[Any]],
    features: IO[bytes],
    *,
    feature_shape: tuple[int, int],
) -> None:
    """See https://github.com/huggingface/safetensors#format."""
    header: dict[str, object] = {}
    end = 0
    arrays = [(name, array.dtype.name, array.shape, array.nbytes) for name, array in small.items()]
    for name, dtype, shape, size_bytes in (*arrays, ("features", "float16", feature_shape, features.tell())):
        header[name] = {"dtype": _DTYPE_NAMES[dtype], "shape": shape, "data_offsets": (end, end + size_bytes)}
        end += size_bytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in small.values():
            file.write(array.tobytes())
        features.seek(0)
        shutil.copyfileobj(features, file)
