"""How long each stage of a chunk was busy, waiting not counted."""

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


class Stopwatch:
    """Busy seconds by stage. A stage may be measured by one thread at a time."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    @property
    def seconds_by_stage(self) -> Mapping[str, float]:
        """What was measured so far."""
        return dict(self._seconds)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Count the time inside the `with`."""
        started = perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] += perf_counter() - started

    def measured(self, stage: str, items: Iterator[T]) -> Generator[T, None, None]:
        """Yield the items (None is not one), counting the time it takes to make them."""
        while True:
            with self.measure(stage):
                item = next(items, None)
            if item is None:
                return
            yield item
