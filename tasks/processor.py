"""Where `workers` puts what processes chunks, so that `tasks` need not import it."""

from collections.abc import Callable
from functools import lru_cache

from tasks.work import ChunkProcessor

_factories: list[Callable[[], ChunkProcessor]] = []


def install(factory: Callable[[], ChunkProcessor]) -> None:
    """Say how to make the processor; it is made once per process, when the first chunk needs it."""
    _factories[:] = [factory]
    processor.cache_clear()


@lru_cache(maxsize=1)
def processor() -> ChunkProcessor:
    """Return this process's processor."""
    assert _factories, "detect tasks run in `celery -A workers.boot worker`, which installs a processor"
    return _factories[0]()
