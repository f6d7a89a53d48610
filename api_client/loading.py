"""Loading modules, quickly."""

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Thread

_SWITCH_SECONDS = 0.0005


@contextmanager
def loading() -> Iterator[None]:
    """Import in the block. Modules are no garbage: looking for it takes a twelfth of the time they take.

    Afterwards all that there is counts as permanent, so that a process that forks shares it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def switching_often() -> Iterator[None]:
    """Let threads take turns ten times as often while in the block.

    FFmpeg gives Python a packet at a time, and after each would wait for a thread that imports.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def load_meanwhile(modules: Iterable[str]) -> None:
    """Import in a thread, while this one mostly waits for what needs no Python: FFmpeg, a disk.

    Whoever imports one of them later waits for the thread, and is told what went wrong.
    """
    Thread(target=_load, args=(modules,), name="loading", daemon=True).start()


def _load(modules: Iterable[str]) -> None:
    with loading():
        for module in modules:
            import_module(module)
