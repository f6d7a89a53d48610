"""Places in a worker process where a test may stop it: `HORATIO_TEST_GATES` names a directory.

A file there named after the gate closes it for the first process that comes: that renames the file to
`NAME.held`, writes its process id into it, and waits until the file is gone.
"""

import os
import time
from pathlib import Path

VARIABLE = "HORATIO_TEST_GATES"


def gate(name: str) -> None:
    """Wait while a test holds this gate; nearly free where none does."""
    directory = os.environ.get(VARIABLE)
    if directory is None:
        return
    closed, held = Path(directory, name), Path(directory, f"{name}.held")
    try:
        closed.rename(held)
    except FileNotFoundError:
        return
    held.write_text(str(os.getpid()))
    while held.exists():
        time.sleep(0.02)
