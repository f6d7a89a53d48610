"""YOLOv3 as Darknet's two files, `yolov3.cfg` and `yolov3.weights`, the second with random numbers.

NumPy alone, and nothing of the product: OpenCV reads them in an environment of its own, and the network is
compared with what it makes of them.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

CLASSES = 80
ANCHORS = "10,13, 16,30, 33,23, 30,61, 62,45, 59,119, 116,90, 156,198, 373,326"
Layer = dict[str, object]


def _convolution(filters: int, size: int, stride: int = 1) -> Layer:
    return {
        "type": "convolutional", "batch_normalize": 1, "filters": filters, "size": size, "stride": stride,
        "pad": 1, "activation": "leaky",
    }  # fmt: skip


def layers() -> Iterator[Layer]:
    yield _convolution(32, 3)
    for filters, blocks in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        yield _convolution(filters, 3, 2)
        for _ in range(blocks):
            yield _convolution(filters // 2, 1)
            yield _convolution(filters, 3)
            yield {"type": "shortcut", "from": -3, "activation": "linear"}
    for filters, mask, joined in ((512, "6,7,8", 61), (256, "3,4,5", 36), (128, "0,1,2", None)):
        for _ in range(3):
            yield _convolution(filters, 1)
            yield _convolution(2 * filters, 3)
        yield {
            "type": "convolutional", "filters": 3 * (5 + CLASSES), "size": 1, "stride": 1, "pad": 1,
            "activation": "linear",
        }  # fmt: skip
        yield {"type": "yolo", "mask": mask, "anchors": ANCHORS, "classes": CLASSES, "num": 9}
        if joined is not None:
            yield {"type": "route", "layers": -4}
            yield _convolution(filters // 2, 1)
            yield {"type": "upsample", "stride": 2}
            yield {"type": "route", "layers": f"-1, {joined}"}


def write_config(path: Path, side_px: int) -> None:
    blocks = [f"[net]\nwidth={side_px}\nheight={side_px}\nchannels=3\n"]
    for layer in layers():
        lines = (f"{name}={value}" for name, value in layer.items() if name != "type")
        blocks.append("\n".join((f"[{layer['type']}]", *lines, "")))
    path.write_text("\n".join(blocks))


def write_weights(path: Path) -> None:
    """248 MB, the same every time. Kept tame: no activation grows through the 75 convolutions."""
    random = np.random.default_rng(3)
    with path.open("wb") as file:
        file.write(np.array([0, 2, 5], "<i4").tobytes() + np.array([0], "<i8").tobytes())
        for channels_in, layer in _convolutions():
            filters, size = int(layer["filters"]), int(layer["size"])
            taps = channels_in * size * size
            if "batch_normalize" in layer:
                for low, high in ((-0.2, 0.2), (0.85, 1.2), (-0.2, 0.2), (0.6, 1.4)):
                    file.write(_uniform(random, filters, low, high))
            else:
                file.write(_uniform(random, filters, -0.5, 0.5))
            bound = (3 / taps) ** 0.5
            file.write(_uniform(random, filters * taps, -bound, bound))


def _uniform(random: np.random.Generator, count: int, low: float, high: float) -> bytes:
    numbers = random.random(count, np.float32) * np.float32(high - low) + np.float32(low)
    return numbers.astype("<f4").tobytes()


def _convolutions() -> Iterator[tuple[int, Layer]]:
    """Each with how many channels come in."""
    channels = [3]
    for number, layer in enumerate(layers()):
        before = channels[-1]
        if layer["type"] == "convolutional":
            yield before, layer
            before = int(layer["filters"])
        if layer["type"] == "route":
            sources = [int(text) for text in str(layer["layers"]).split(",")]
            before = sum(channels[1 + (s if s >= 0 else number + s)] for s in sources)
        channels.append(before)
