"""A trained student into the file the product ships.

Norms are folded, weights are float16, the known names are beside them as int8.
"""

import copy
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from training.pocket.normalisation import fold_norms
from training.pocket.student import Student
from training.pocket.words import Words


def export(student: Student, words: Words, path: Path) -> None:
    """Write the weights; atomic: a reader sees the old file or the new one."""
    network = copy.deepcopy(student.network).eval()
    fold_norms(network)
    tensors: dict[str, Tensor] = {
        f"network.{k}": v.half().contiguous() for k, v in network.state_dict().items()
    }
    step = words.name_CD.abs().amax(1, keepdim=True) / 127
    tensors["names.rows"] = (words.name_CD / step).round().to(torch.int8)
    tensors["names.steps"] = step.squeeze(1).contiguous()
    tensors["names.mean"] = words.mean_D.contiguous()
    tensors["scale"] = student.log_scale.detach().exp().reshape(1)
    beside = path.with_suffix(".new")
    save_file(tensors, beside, metadata={"names": "\n".join(words.names), "format": "1"})
    beside.chmod(0o644)
    beside.replace(path)
