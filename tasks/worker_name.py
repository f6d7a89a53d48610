"""What a worker is called: in Flower, on displays, in markers."""

import os
import socket

from celery.signals import celeryd_init

_node_names: list[str] = []
"""Celery's name of this process's worker, e.g. "detect-cuda1@host"; none outside of workers."""


@celeryd_init.connect
def _note_node_name(sender: str, **_: object) -> None:
    """In the parent, before it forks."""
    _node_names[:] = [sender]


def worker_name() -> str:
    """Return worker and process, for people: "detect-cuda1@host:4711"."""
    node = _node_names[0] if _node_names else socket.gethostname()
    return f"{node}:{os.getpid()}"
