"""The labelling model as a teacher: YOLOX-nano (Ge et al. 2021), asked about every augmented batch.

It is used in training alone and is no part of the product.

Legend: B images, P points of the three finest levels, K categories, E tower channels, H W cells of a level.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper
from torch import Tensor

from workers.detectors.pocket.localisation import centres_xy
from workers.detectors.pocket.preprocessing import MIDDLE, SPAN

STRIDES = (8, 16, 32)
PREDICTIONS = ("onnx::Shape_1066", "onnx::Shape_1108", "output.1")
"""Sides, objectness and class probabilities of each level, before they are flattened."""
CLASS_TOWERS = ("input.631", "input.703", "input.775")
BOX_TOWERS = ("input.663", "input.735", "input.807")
TOWER_CHANNELS = 128
"""Of both towers together."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What the teacher sees in a batch, turned as the student reads it."""

    objectness_BP: Tensor
    """0..1."""
    boxes_BP4: Tensor
    """x_min, y_min, x_max, y_max in input pixels."""
    categories_BPK: Tensor
    """0..1 each, independent of one another."""
    towers_BEHW: list[Tensor]
    """What the teacher's last linear layers read, class tower then box tower, finest level first."""


class Teacher:
    """Runs the ONNX file on batches of any size."""

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            _opened(path).SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, images_BCHW: Tensor) -> Lesson:
        """Teach about a batch as `Batch.images_BCHW` holds it."""
        # back to upright BGR in 0..255
        pixels = images_BCHW.mul(SPAN).add(MIDDLE).flip(1, 2, 3).contiguous().numpy()
        maps = [torch.from_numpy(m) for m in self._session.run(None, {"images": pixels})]
        turned = [map_BXHW.flip(2, 3) for map_BXHW in maps]
        levels = range(len(STRIDES))
        boxes = [_boxes(maps[i], STRIDES[i], pixels.shape[3], pixels.shape[2]) for i in levels]
        said_BXP = torch.cat([turned[i][:, 4:].flatten(2) for i in levels], dim=2)
        return Lesson(
            objectness_BP=said_BXP[:, 0],
            boxes_BP4=torch.cat(boxes, dim=1),
            categories_BPK=said_BXP[:, 1:].transpose(1, 2),
            towers_BEHW=[torch.cat((turned[i + 3], turned[i + 6]), dim=1) for i in levels],
        )


def _opened(path: Path) -> onnx.ModelProto:
    """The model with its towers as outputs, for any number of pictures of any size."""
    model = onnx.load(path)
    graph = model.graph
    outputs = [*PREDICTIONS, *CLASS_TOWERS, *BOX_TOWERS]
    needed, nodes = set(outputs), []
    for node in reversed(graph.node):
        if needed & set(node.output):
            nodes.append(node)
            needed |= set(node.input)
    del graph.node[:], graph.output[:], graph.value_info[:]
    graph.node.extend(reversed(nodes))
    graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs)
    for axis, name in ((0, "B"), (2, "H"), (3, "W")):
        dimension = graph.input[0].type.tensor_type.shape.dim[axis]
        dimension.ClearField("dim_value")
        dimension.dim_param = name
    return model


def _boxes(map_BXHW: Tensor, stride: int, width: int, height: int) -> Tensor:
    """(B, H * W, 4) of the turned picture, from an upright map."""
    cells_P2 = centres_xy(map_BXHW.shape[2:], stride, map_BXHW.device) / stride - 0.5
    raw_BP4 = map_BXHW[:, :4].flatten(2).transpose(1, 2)
    centre = (raw_BP4[..., :2] + cells_P2) * stride
    half = raw_BP4[..., 2:].exp() * stride / 2
    upright = torch.cat((centre - half, centre + half), dim=-1)
    whole = torch.tensor(np.array([width, height, width, height], np.float32))
    # turning reverses the order of the points too
    return (whole - upright)[..., [2, 3, 0, 1]].flip(1)
