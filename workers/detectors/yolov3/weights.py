"""Darknet's file of weights: a header, then float32 after float32, in the network's order and without names.

Header: three int32 of a version, then how many pictures were seen in training, an int64 since version 0.2
and an int32 before. Of each convolution with batch normalisation follow offset, scale, mean, variance,
kernels; of one without, offset and kernels.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from workers.detectors.errors import WeightsError
from workers.detectors.weights_file import one_clear_error
from workers.detectors.yolov3.network import Yolov3

EPSILON = 1e-6
"""Added to a variance, as OpenCV does."""

Floats = NDArray[np.float32]


def read_weights(network: Yolov3, path: Path) -> None:
    """Fill the network. Raises `WeightsError`, one line, for a file that is not exactly its weights."""
    expected = sum(_count(*one) for one in network.convolutions())
    with one_clear_error(path), path.open("rb") as file:
        file.seek(_header_bytes(file.read(12)))
        held = (path.stat().st_size - file.tell()) // 4
        numbers = np.fromfile(file, "<f4") if held == expected else None
    if numbers is None:
        raise WeightsError(
            f"{path} holds {held} numbers, and YOLOv3 has {expected}: it is truncated, or of another "
            "network; get yolov3.weights (248,007,048 bytes) again"
        )
    if not np.isfinite(numbers).all():
        raise WeightsError(f"{path} is damaged: some of its weights are no numbers; get it again")
    _fill(network, numbers)


def _header_bytes(version: bytes) -> int:
    if len(version) < 12:
        raise EOFError("not even a header")
    major, minor, _ = np.frombuffer(version, "<i4").tolist()
    if not (0 <= major < 1000 and 0 <= minor < 1000):
        raise ValueError("not Darknet's format")
    return 12 + (8 if major * 10 + minor >= 2 else 4)


def _count(convolution: nn.Conv2d, normalised: bool) -> int:
    return convolution.weight.numel() + convolution.out_channels * (4 if normalised else 1)


@torch.no_grad()
def _fill(network: Yolov3, numbers: Floats) -> None:
    start = 0
    for convolution, normalised in network.convolutions():
        end = start + _count(convolution, normalised)
        _fill_one(convolution, numbers[start:end].astype(np.float64), normalised)
        start = end


def _fill_one(convolution: nn.Conv2d, numbers: NDArray[np.float64], normalised: bool) -> None:
    """Batch normalisation is folded in, in double precision: after it, a convolution is all there is."""
    channels = convolution.out_channels
    offset_C, kernels = numbers[:channels], numbers[channels * (4 if normalised else 1) :]
    kernels_CK = kernels.reshape(channels, -1)
    if normalised:
        scale_C, mean_C, variance_C = numbers[channels : 4 * channels].reshape(3, channels)
        factor_C = scale_C / np.sqrt(variance_C + EPSILON)
        kernels_CK, offset_C = kernels_CK * factor_C[:, None], offset_C - mean_C * factor_C
    convolution.weight.copy_(torch.from_numpy(kernels_CK).reshape(convolution.weight.shape))
    assert convolution.bias is not None
    convolution.bias.copy_(torch.from_numpy(offset_C))
