"""A trained student into the file the product ships.

Norms are folded, weights are float16; ImageNet's classifier and the known names are int8.
"""

import copy
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from training.pocket.int8 import as_int8
from training.pocket.normalisation import fold_norms
from training.pocket.student import Student
from training.pocket.words import Words
from workers.detectors.pocket.network import PocketNetwork

FORMAT = "3"
CLASSIFIER = "network.regions.image_classes.weight"


def export(student: Student, words: Words, path: Path) -> None:
    """Write the weights of a student, and the names it was taught."""
    network = copy.deepcopy(student.network).eval()
    fold_norms(network)
    taught = words.taught()
    tensors = _tensors(network, float(student.log_scale.detach().exp()))
    tensors["names.rows"], tensors["names.steps"] = as_int8(words.name_CD[taught])
    tensors["taught.rows"], tensors["taught.steps"] = as_int8(words.taught_spellings())
    tensors["names.mean"] = words.mean_D.contiguous()
    names = "\n".join(words.names[row] for row in taught)
    _write(tensors, {"names": names, "format": FORMAT}, path)


def export_again(network: PocketNetwork, sharpness: float, like: Path, path: Path) -> None:
    """Write the weights of a network whose names are those of another exported file."""
    with safe_open(like, framework="pt") as file:
        kept = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  (not a dict)
        about = file.metadata()
    _write(kept | _tensors(network, sharpness), about, path)


def _tensors(network: PocketNetwork, sharpness: float) -> dict[str, Tensor]:
    tensors = {f"network.{k}": v.half().contiguous() for k, v in network.state_dict().items()}
    del tensors[CLASSIFIER]
    classifier = network.regions.image_classes.weight.detach()
    tensors["classes.rows"], tensors["classes.steps"] = as_int8(classifier)
    tensors["scale"] = torch.tensor([sharpness])
    return tensors


def _write(tensors: dict[str, Tensor], about: dict[str, str], path: Path) -> None:
    """Atomic: a reader sees the old file or the new one."""
    beside = path.with_suffix(".new")
    save_file(tensors, beside, metadata=about)
    beside.chmod(0o644)
    beside.replace(path)
