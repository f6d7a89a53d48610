"""Reading a file of weights that anybody may have made, cut short or damaged.

torch is asked for weights alone (`weights_only=True`): a file that carries code is refused, not run.
"""

import pickle
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from workers.detectors.errors import WeightsError

DAMAGE = (
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    struct.error,
    SafetensorError,
)
"""What reading raises where the bytes are no file of weights: there is no method in it, a flipped bit of a
pickle can end in any of these."""

NAMED_AT_MOST = 4


def read_weights_file(path: Path) -> dict[str, Any]:
    """Return what a file of torch, or of safetensors, holds: tensors on the CPU, and what lies beside them.

    Raises `WeightsError`, one line, where it is missing, damaged, or holds code.
    """
    with one_clear_error(path):
        if _is_safetensors(path):
            return dict(load_file(path))
        content = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(content, dict):
        raise WeightsError(f"{path} holds a {type(content).__name__}, not a checkpoint")
    return content


def _is_safetensors(path: Path) -> bool:
    """By what the file begins with, a length and a JSON object: what users bring is stored without a name."""
    with path.open("rb") as file:
        beginning = file.read(9)
    return path.suffix == ".safetensors" or (len(beginning) == 9 and beginning[-1:] == b"{")


@contextmanager
def one_clear_error(path: Path) -> Iterator[None]:
    """Translate whatever reading a file of weights raises into one `WeightsError` of one line."""
    try:
        yield
    except OSError as error:
        raise WeightsError(f"cannot read the weights {path}: {error.strerror or error}") from error
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} is damaged, or holds Python objects beside weights, which could run code when loaded: "
            "it is not loaded; save its state dict alone, torch.save({'model': model.state_dict()}, …)"
        ) from error
    except DAMAGE as error:
        # what a KeyError or an IndexError says means nothing to anybody who did not raise it
        said = "" if isinstance(error, LookupError) else str(error)
        reason = said.splitlines()[0][:200] if said else type(error).__name__
        raise WeightsError(f"{path} is truncated or no checkpoint ({reason}): get it again") from error


@dataclass(frozen=True, kw_only=True)
class Misfits:
    """What keeps tensors from being the weights of a network, by name."""

    missing: list[str]
    unexpected: list[str]
    misshapen: list[str]
    """With both shapes."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.misshapen)

    def __str__(self) -> str:
        return (
            f"{len(self.missing)} tensors are missing{_some(self.missing)}, "
            f"{len(self.unexpected)} are unexpected{_some(self.unexpected)}, "
            f"{len(self.misshapen)} have another shape{_some(self.misshapen)}"
        )


def misfits(tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> Misfits:
    """Compare names and shapes with those of a network's state dict."""
    return Misfits(
        missing=[name for name in expected if name not in tensors],
        unexpected=[name for name in tensors if name not in expected],
        misshapen=[
            f"{name} {tuple(tensors[name].shape)} instead of {tuple(expected[name].shape)}"
            for name in expected
            if name in tensors and tensors[name].shape != expected[name].shape
        ],
    )


def _some(names: list[str]) -> str:
    if not names:
        return ""
    more = ", …" if len(names) > NAMED_AT_MOST else ""
    return f" ({', '.join(names[:NAMED_AT_MOST])}{more})"
