"""How much memory this process holds, and how much it may."""

import os
from functools import lru_cache
from pathlib import Path

_STATM = Path("/proc/self/statm")
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_SHARE = 0.9
"""Of what there is: more, and the kernel chooses what to end."""


def resident_bytes() -> int:
    """Memory this process holds; 0 where the system does not say (anything but Linux)."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=4)
def memory_limit_bytes(limit_mb: int) -> int:
    """The bound in bytes: what was set, or nine tenths of the container's or machine's memory."""
    if limit_mb:
        return limit_mb << 20
    total = min([_machine_bytes(), *_container_bytes()])
    return int(total * _SHARE)


def _machine_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _container_bytes() -> list[int]:
    texts = [path.read_text().strip() for path in _CGROUP_LIMITS if path.is_file()]
    return [int(text) for text in texts if text.isdecimal()]
