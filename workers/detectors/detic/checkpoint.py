"""Reading a checkpoint and setting a network's weights from it."""

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from api_client.contract.digest import file_sha256
from workers.detectors.detic.config import DeticConfig, Release
from workers.detectors.detic.model import Detic, build
from workers.detectors.errors import WeightsError
from workers.detectors.weights_file import misfits, read_weights_file

NOT_USED = re.compile(
    r"num_batches_tracked$|\.freq_weight$|^pixel_(mean|std)$|\.base\.fc\.|relative_position_index$|\.zs_weight$"
)
"""Tensors of official checkpoints that no inference reads. The classifier (`zs_weight`) is among them: its
place is taken by the job's vocabulary."""

FINGERPRINTS = (
    ("Swin-B", "backbone.bottom_up.layers.3.blocks.0.attn.qkv.weight"),
    ("ConvNeXt-T", "backbone.bottom_up.base.stages_0.blocks.0.gamma"),
    ("ResNet-50", "backbone.bottom_up.base.layer1.0.conv3.weight"),
    ("ResNet-18", "backbone.bottom_up.base.layer1.0.conv1.weight"),
)
"""A tensor that only this backbone has, or none of those above."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a file of weights holds."""

    path: Path
    tensors: dict[str, Tensor]
    """By their official names, on the CPU."""
    digest: str
    """Sha256 of the file."""


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a file of weights; raises `WeightsError` where it is missing, damaged, or holds code."""
    content = read_weights_file(path)
    tensors = content.get("model", content)
    if not isinstance(tensors, dict) or not any(isinstance(value, Tensor) for value in tensors.values()):
        raise WeightsError(f"{path} holds no weights: there are no tensors under its key 'model'")
    return Checkpoint(
        path=path,
        tensors={name: tensor for name, tensor in tensors.items() if isinstance(tensor, Tensor)},
        digest=file_sha256(path),
    )


def network_from(checkpoint: Checkpoint, config: DeticConfig, release: Release) -> Detic:
    """Build the network on the CPU with the checkpoint's weights.

    Raises `WeightsError`, all that does not fit in one message, where they are of another network.
    """
    with torch.device("meta"):
        network = build(config)
    _check_vocabulary_width(checkpoint, config, release)
    mine = {name: tensor.float() for name, tensor in checkpoint.tensors.items() if not NOT_USED.search(name)}
    differences = misfits(mine, network.state_dict())
    if differences:
        raise WeightsError(
            f"{checkpoint.path} holds the weights of another network{_guess(mine)}: {differences}"
        )
    network.load_state_dict(mine, assign=True)
    return network


def _check_vocabulary_width(checkpoint: Checkpoint, config: DeticConfig, release: Release) -> None:
    expected = (config.cascade.embedding, release.trained_classes + 1)
    for name, tensor in checkpoint.tensors.items():
        if name.endswith(".zs_weight") and tuple(tensor.shape) != expected:
            embedding, columns = (*tensor.shape, 0)[:2]
            raise WeightsError(
                f"{checkpoint.path} was trained on {columns - 1} classes in {embedding} dimensions, and this "
                f"model on {release.trained_classes} in {expected[0]}: choose the detector it was trained as "
                "(those ending in -lvis have 1203 classes)"
            )


def _guess(tensors: dict[str, Tensor]) -> str:
    for backbone, name in FINGERPRINTS:
        if name in tensors:
            return f" (its backbone is a {backbone})"
    return ""
