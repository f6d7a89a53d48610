"""What a job may not leave behind: keys, messages, files, processes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import redis

_PASSING = re.compile(r"_kombu\.|unacked|celery|\w+\.reply|.*\.pidbox|horatio:lock:|horatio:dead-letters")
"""What Celery keeps for itself; what a dead worker held is given out again by the visibility timeout."""
_OF_WORK = ("progress", "running", "backlog", "sent")
"""Parts of a job's state that say something is still to be done."""


def keys_left(connection: "redis.Redis") -> Iterator[str]:
    """Keys that say that something is to be done, or that stay for ever."""
    for key in connection.scan_iter(count=1000):
        name = str(key).rpartition(":")[2]
        if _PASSING.match(key):
            continue
        if key in ("detect", "render", "control") or str(key).startswith("horatio:outstanding:"):
            yield f"Redis: {key} holds {connection.llen(key)}"
        elif name in _OF_WORK:
            yield f"Redis: {key} is left"
        elif connection.ttl(key) == -1:
            yield f"Redis: {key} never expires"


def messages_held(connection: "redis.Redis") -> Iterator[str]:
    """Messages taken from a queue and not acknowledged."""
    for tag, entry in connection.hgetall("unacked").items():
        headers = json.loads(entry)[0].get("headers", {})
        yield f"Redis: message {tag} is not acknowledged: {headers.get('task')} {headers.get('kwargsrepr')}"


def files_left(temporary: Path, *trees: Path) -> Iterator[str]:
    """Temporary directories of ours, and files that never got their name."""
    for path in temporary.glob("horatio-*"):
        yield f"temporary: {path.name} is left"
    for tree in trees:
        for path in [*tree.rglob("*.part"), *tree.rglob(".fetching-*")]:
            yield f"file: {path.relative_to(tree)} is left"
