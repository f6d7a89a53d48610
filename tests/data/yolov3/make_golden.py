"""What OpenCV 4 makes of YOLOv3 with random weights: writes `golden.npz` beside this file.

OpenCV 5 reads Darknet's files no more, so this runs in an environment of its own:

    python -m venv /tmp/cv4 && /tmp/cv4/bin/pip install 'opencv-python-headless<5'
    PYTHONPATH=. /tmp/cv4/bin/python tests/data/yolov3/make_golden.py
"""

import tempfile
from pathlib import Path

import cv2
import numpy as np

from tests.unit.yolov3.darknet_files import write_config, write_weights

SIDE_PX = 64


def main() -> None:
    picture = np.random.default_rng(4).integers(0, 256, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        config, weights = Path(folder) / "yolov3.cfg", Path(folder) / "yolov3.weights"
        write_config(config, SIDE_PX)
        write_weights(weights)
        network = cv2.dnn.readNetFromDarknet(str(config), str(weights))
    network.setInput(cv2.dnn.blobFromImage(picture, 1 / 255))
    names = ["conv_81", "conv_93", "conv_105", "yolo_82", "yolo_94", "yolo_106"]
    found = network.forward(names)
    np.savez_compressed(
        Path(__file__).with_name("golden.npz"),
        picture=picture,
        decoded=np.concatenate(found[3:]),
        **{f"grid_{number}": one for number, one in enumerate(found[:3])},
    )


if __name__ == "__main__":
    main()
