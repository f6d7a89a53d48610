"""YOLOv3 with random weights, in Darknet's file, read once."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not there: pip install '.[detic]'")

from tests.unit.yolov3.darknet_files import write_weights
from workers.detectors.yolov3.config import Yolov3Config
from workers.detectors.yolov3.loading import build_network
from workers.detectors.yolov3.network import Yolov3
from workers.detectors.yolov3.weights import read_weights


@pytest.fixture(scope="session")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("yolov3") / "yolov3.weights"
    write_weights(path)
    return path


@pytest.fixture(scope="session")
def network(weights_file: Path) -> Yolov3:
    found = build_network(Yolov3Config())
    read_weights(found, weights_file)
    return found
