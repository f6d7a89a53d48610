"""Which GPUs there are, without loading anything that computes on them."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

_DEVICES = Path("/dev")


def visible_gpus(
    environment: Mapping[str, str] = os.environ, devices: Path = _DEVICES, *, computes: bool | None = None
) -> list[str]:
    """Return NVIDIA's GPUs that a process here may use, each as `CUDA_VISIBLE_DEVICES` names it.

    None where `HORATIO_DEVICE` says which device.

    computes: whether anything is installed that can compute on one; None to find out.
    """
    can_compute = find_spec("torch") is not None if computes is None else computes
    if not can_compute or environment.get("HORATIO_DEVICE", "auto") != "auto":
        return []
    named = environment.get("CUDA_VISIBLE_DEVICES")
    if named is None:
        return [str(number) for number in range(len(list(devices.glob("nvidia[0-9]*"))))]
    return _as_cuda_reads(named)


def _as_cuda_reads(named: str) -> list[str]:
    """The names before the first that is none, as for CUDA: "0,1,-1,2" are two."""
    names = [name.strip() for name in named.split(",")]
    valid = [bool(name) and not name.startswith("-") for name in names]
    return names[: valid.index(False)] if False in valid else names
