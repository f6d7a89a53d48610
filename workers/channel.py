"""A bounded queue between two threads that can be told to give up."""

from collections import deque
from collections.abc import Iterable, Iterator
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class HaltedError(Exception):
    """Something else went wrong: unwind. Never leaves `Stages`, which raises what went wrong instead."""


class Halt:
    """The stop signal that all channels of one pipeline listen to."""

    def __init__(self) -> None:
        self.changed = Condition()
        """Notified when any channel's content changes, and when the halt is requested."""
        self.requested = False

    def request(self) -> None:
        """Wake everybody who waits on a channel, with `HaltedError`."""
        with self.changed:
            self.requested = True
            self.changed.notify_all()


class Channel(Generic[T]):
    """Items pass in order, at most `capacity` wait inside: who produces faster than is consumed, waits.

    One producer calls `put` and at last `close`, or `fill`; one consumer iterates.
    """

    def __init__(self, halt: Halt, *, capacity: int) -> None:
        self._halt = halt
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._closed = False

    def put(self, item: T) -> None:
        """Append, waiting for room. Raises `HaltedError`."""
        with self._halt.changed:
            self._halt.changed.wait_for(lambda: len(self._items) < self._capacity or self._halt.requested)
            self._check_halt()
            self._items.append(item)
            self._halt.changed.notify_all()

    def close(self) -> None:
        """Nothing comes after what has been put."""
        with self._halt.changed:
            self._closed = True
            self._halt.changed.notify_all()

    def fill(self, items: Iterable[T]) -> None:
        """Put all items, then close."""
        for item in items:
            self.put(item)
        self.close()

    def __iter__(self) -> Iterator[T]:
        """Yield until closed and empty. Raises `HaltedError`."""
        while True:
            with self._halt.changed:
                self._halt.changed.wait_for(lambda: self._items or self._closed or self._halt.requested)
                self._check_halt()
                if not self._items:
                    return
                item = self._items.popleft()
                self._halt.changed.notify_all()
            yield item

    def _check_halt(self) -> None:
        if self._halt.requested:
            raise HaltedError
