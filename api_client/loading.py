"""Loading modules, quickly."""

import gc
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Thread, current_thread, main_thread

_SWITCH_SECONDS = 0.0005
_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def loading() -> Iterator[None]:
    """Import in the block. Modules are no garbage: looking for it takes a twelfth of the time they take.

    Afterwards all that there is counts as permanent, so that a process that forks shares it. Ctrl-C waits.
    """
    gc.disable()
    try:
        with _interrupts_held():
            yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Raise signals that end the process after the block.

    Python loses one that comes as it lets go of a module's lock, and no other thread can import from then on.
    """
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    usual = {number: signal.signal(number, lambda it, _: came.append(it)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler or signal.SIG_DFL)
        if came:
            signal.raise_signal(came[0])


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
