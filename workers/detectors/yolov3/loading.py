"""From a file of Darknet's weights to YOLOv3 on a device."""

from pathlib import Path

import torch

from api_client.contract.digest import file_sha256
from workers.detectors.errors import WeightsError
from workers.detectors.yolov3.config import Yolov3Config
from workers.detectors.yolov3.detector import Yolov3Detector
from workers.detectors.yolov3.network import Yolov3
from workers.detectors.yolov3.weights import read_weights


def load_yolov3(name: str, *, device: str, weights: Path | None) -> Yolov3Detector:
    """Return the detector. Raises `WeightsError` where there is no file, or one that is not YOLOv3's."""
    if weights is None:
        raise WeightsError(f"{name!r} needs its weights: download yolov3.weights, and give --weights FILE")
    config, place = Yolov3Config(), torch.device(device)
    network = build_network(config)
    read_weights(network, weights)
    return Yolov3Detector(network.to(place), config, weights_digest=file_sha256(weights), device=place)


def build_network(config: Yolov3Config) -> Yolov3:
    """Return the network without weights: making up some that are overwritten at once takes seconds."""
    with torch.device("meta"):
        network = Yolov3(config)
    return network.to_empty(device="cpu").eval().requires_grad_(False)
