"""YOLOv3 (Redmon and Farhadi 2018), `-d yolov3 --weights yolov3.weights`: 80 names, whatever is asked.

`network` is Darknet-53 with its three outputs, `weights` reads Darknet's own file, `letterbox` fits a frame
into the network's square, `decoding` turns outputs into boxes.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.detectors.yolov3.detector import Yolov3Detector

__all__ = ["load"]


def load(name: str, *, device: str, weights: Path | None = None, **_: object) -> "Yolov3Detector":
    """Return the detector; see `loading.load_yolov3`."""
    from workers.detectors.yolov3.loading import load_yolov3  # torch only when a network is wanted

    return load_yolov3(name, device=device, weights=weights)
