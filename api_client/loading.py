"""Loading modules, quickly."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
