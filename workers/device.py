"""The device a worker computes on, and how many threads it uses there.

torch is imported when a device is asked for, not before: a pool's parent process imports this module, and a
CUDA context made there would not survive the fork.
"""

import re
from typing import TYPE_CHECKING

from api_client.errors import SettingsError

if TYPE_CHECKING:
    import torch


def choose_device(name: str = "auto") -> "torch.device":
    """Return the device: "auto" (the first GPU, or the CPU), "cpu", "cuda", "cuda:1", "mps".

    Raises `SettingsError` where there is no such device here.
    """
    import torch

    if name == "auto":
        return torch.device(_best())
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", name):
        raise SettingsError(f'{name!r} is no device: use "auto", "cpu", "cuda", "cuda:1" or "mps"')
    if name.startswith("cuda"):
        _check_cuda(name)
    if name == "mps" and not torch.backends.mps.is_available():
        raise SettingsError('the device "mps" needs a Mac with Apple silicon: use "auto"')
    return torch.device(name)


def describe_device(device: "torch.device") -> str:
    """Return e.g. "cuda:0 NVIDIA H100", "cpu (threads: 8)"."""
    import torch

    if device.type == "cuda":
        return f"cuda:{device.index or 0} {torch.cuda.get_device_name(device)}"
    return f"cpu (threads: {torch.get_num_threads()})" if device.type == "cpu" else str(device)


def use_threads(count: int) -> None:
    """Let detectors compute with this many threads on the CPU; 0 leaves it to torch: one per core.

    How a sum is split over threads shows in its last bits: workers that are to give the same bytes on a CPU
    need the same count.
    """
    import cv2
    import torch

    if count:
        torch.set_num_threads(count)
    cv2.setNumThreads(1)  # drawing is one thread beside many


def free_device_memory() -> None:
    """Give back what torch keeps of a GPU's memory for tensors that are gone."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def peak_memory_bytes() -> int | None:
    """Return the most memory torch held on the GPU at once since the last call; None without a GPU."""
    import torch

    if not torch.cuda.is_available():
        return None
    peak_bytes = torch.cuda.max_memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    return peak_bytes


def _best() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _check_cuda(name: str) -> None:
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    index = int(name.partition(":")[2] or 0)
    if index >= count:
        there = f"{count} CUDA device(s) are visible" if count else "no CUDA device is visible"
        raise SettingsError(f'the device {name!r} is not there: {there} to PyTorch here; use "auto" or "cpu"')
