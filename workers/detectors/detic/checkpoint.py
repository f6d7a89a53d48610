"""Reading a checkpoint and setting a network's weights from it.

torch is asked for weights alone (`weights_only=True`): a checkpoint that carries code is refused, not run.
"""

import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from api_client.contract.digest import file_sha256
from workers.detectors.detic.config import DeticConfig, Release
from workers.detectors.detic.model import Detic, build
from workers.detectors.errors import WeightsError

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

NAMED_AT_MOST = 4


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a file of weights holds."""

    path: Path
    tensors: dict[str, Tensor]
    """By their official names, on the CPU."""
    digest: str
    """Sha256 of the file."""
    text_encoder: str | None
    """"deterministic" in a file written by `initialise`; None in an official one, which goes with CLIP."""


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a file of weights; raises `WeightsError` where it is missing, damaged, or holds code."""
    content = _load(path)
    tensors = content.get("model", content)
    if not isinstance(tensors, dict) or not any(isinstance(value, Tensor) for value in tensors.values()):
        raise WeightsError(f"{path} holds no weights: there are no tensors under its key 'model'")
    return Checkpoint(
        path=path,
        tensors={name: tensor for name, tensor in tensors.items() if isinstance(tensor, Tensor)},
        digest=file_sha256(path),
        text_encoder=content.get("text_encoder"),
    )


def _load(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"cannot read the weights {path}: {error.strerror or error}") from error
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} is damaged, or holds Python objects beside weights, which could run code when loaded: "
            "it is not loaded; save its state dict alone, torch.save({'model': model.state_dict()}, …)"
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsError(f"{path} is truncated or no checkpoint ({reason}): download it again") from error
    if not isinstance(content, dict):
        raise WeightsError(f"{path} holds a {type(content).__name__}, not a checkpoint")
    return content


def network_from(checkpoint: Checkpoint, config: DeticConfig, release: Release) -> Detic:
    """Build the network on the CPU with the checkpoint's weights.

    Raises `WeightsError`, all that does not fit in one message, where they are of another network.
    """
    with torch.device("meta"):
        network = build(config)
    _check_vocabulary_width(checkpoint, config, release)
    mine = {name: tensor.float() for name, tensor in checkpoint.tensors.items() if not NOT_USED.search(name)}
    _check_names_and_shapes(checkpoint, mine, dict(network.state_dict()))
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


def _check_names_and_shapes(
    checkpoint: Checkpoint, mine: dict[str, Tensor], expected: dict[str, Tensor]
) -> None:
    missing = [name for name in expected if name not in mine]
    unexpected = [name for name in mine if name not in expected]
    misshapen = [
        f"{name} {tuple(mine[name].shape)} instead of {tuple(expected[name].shape)}"
        for name in expected
        if name in mine and mine[name].shape != expected[name].shape
    ]
    if missing or unexpected or misshapen:
        raise WeightsError(
            f"{checkpoint.path} holds the weights of another network{_guess(mine)}: {len(missing)} tensors "
            f"are missing{_some(missing)}, {len(unexpected)} are unexpected{_some(unexpected)}, "
            f"{len(misshapen)} have another shape{_some(misshapen)}"
        )


def _guess(tensors: dict[str, Tensor]) -> str:
    for backbone, name in FINGERPRINTS:
        if name in tensors:
            return f" (its backbone is a {backbone})"
    return ""


def _some(names: list[str]) -> str:
    if not names:
        return ""
    more = ", …" if len(names) > NAMED_AT_MOST else ""
    return f" ({', '.join(names[:NAMED_AT_MOST])}{more})"
