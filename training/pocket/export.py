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
    taught = words.taught()
    tensors["names.rows"], tensors["names.steps"] = _as_int8(words.name_CD[taught])
    tensors["taught.rows"], tensors["taught.steps"] = _as_int8(words.taught_spellings())
    tensors["names.mean"] = words.mean_D.contiguous()
    tensors["scale"] = student.log_scale.detach().exp().reshape(1)
    names = "\n".join(words.names[row] for row in taught)
    beside = path.with_suffix(".new")
    save_file(tensors, beside, metadata={"names": names, "format": "2"})
    beside.chmod(0o644)
    beside.replace(path)


def _as_int8(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Rows (N, D) and their steps (N,): a row times its step is about the row given."""
    step_N1 = rows.abs().amax(1, keepdim=True) / 127
    return (rows / step_N1).round().to(torch.int8), step_N1.squeeze(1).contiguous()
