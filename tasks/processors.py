"""Where `workers` puts what looks at frames and draws into them, so that `tasks` need not import it."""

from collections.abc import Callable
from functools import lru_cache

from tasks.work import Processors

_factories: list[Callable[[], Processors]] = []


def install(factory: Callable[[], Processors]) -> None:
    """Say how to make the processors; they are made once per process, when the first part needs one."""
    _factories[:] = [factory]
    processors.cache_clear()


@lru_cache(maxsize=1)
def processors() -> Processors:
    """Return this process's processors."""
    assert _factories, "parts are worked on in `celery -A workers.boot worker`, which installs processors"
    return _factories[0]()
