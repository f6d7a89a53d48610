"""The device a worker computes on, and how many threads it uses there.

torch is imported where there is a GPU to ask it about, or where it is loaded already, and nowhere else: the
pocket detector needs none on a CPU, and importing it takes seconds.
"""

import ctypes
import platform
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.errors import SettingsError
from api_client.install_command import install_command

if TYPE_CHECKING:
    from types import ModuleType

_AMD_DRIVER = Path("/dev/kfd")


def choose_device(name: str = "auto") -> str:
    """Return the device: "auto" (the first GPU, or the CPU), "cpu", "cuda", "cuda:1", "mps".

    Raises `SettingsError` where there is no such device here.
    """
    if name == "auto":
        return _best()
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", name):
        raise SettingsError(f'{name!r} is no device: use "auto", "cpu", "cuda", "cuda:1" or "mps"')
    if name != "cpu" and find_spec("torch") is None:
        raise SettingsError(f'the device {name!r} needs PyTorch: `{install_command("detic")}`, or use "cpu"')
    if name.startswith("cuda"):
        _check_cuda(name)
    if name == "mps":
        _check_mps()
    return name


def describe_device(device: str, *, threads: int) -> str:
    """Return e.g. "cuda:0 NVIDIA H100", "cpu (threads: 8)"."""
    if not device.startswith("cuda"):
        return f"cpu (threads: {threads})" if device == "cpu" else device
    import torch

    return f"cuda:{torch.device(device).index or 0} {torch.cuda.get_device_name(device)}"


def use_threads(count: int) -> None:
    """Let torch, if a detector has loaded it, compute with this many threads on the CPU.

    How torch splits a sum over threads shows in its last bits: workers that are to give the same bytes with
    such a detector need the same count.
    """
    torch = _loaded_torch()
    if torch is not None:
        torch.set_num_threads(count)
    use_one_opencv_thread()


def use_one_opencv_thread() -> None:
    """Keep OpenCV from starting as many threads as the node has cores: it works beside many threads."""
    import cv2

    cv2.setNumThreads(1)


def free_device_memory() -> None:
    """Give back what torch keeps of a GPU's memory for tensors that are gone."""
    torch = _loaded_torch()
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def peak_memory_bytes() -> int | None:
    """Return the most memory torch held on the GPU at once since the last call; None without a GPU."""
    torch = _loaded_torch()
    if torch is None or not torch.cuda.is_available():
        return None
    peak_bytes = int(torch.cuda.max_memory_allocated())
    torch.cuda.reset_peak_memory_stats()
    return peak_bytes


def _loaded_torch() -> "ModuleType | None":
    """torch, where something has imported it: what has not cannot hold memory."""
    return sys.modules.get("torch")


def _best() -> str:
    if not _may_have_a_gpu() or find_spec("torch") is None:
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _may_have_a_gpu() -> bool:
    """Whether this machine has a driver that torch could compute through."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return _AMD_DRIVER.exists()
    return True


def _check_cuda(name: str) -> None:
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    index = int(name.partition(":")[2] or 0)
    if index >= count:
        there = f"{count} CUDA device(s) are visible" if count else "no CUDA device is visible"
        raise SettingsError(f'the device {name!r} is not there: {there} to PyTorch here; use "auto" or "cpu"')


def _check_mps() -> None:
    import torch

    if not torch.backends.mps.is_available():
        raise SettingsError('the device "mps" needs a Mac with Apple silicon: use "auto"')
