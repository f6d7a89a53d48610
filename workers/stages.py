"""Threads that work on one thing together: they fail together and end together.

    with Stages() as stages:
        decoded = stages.through("decode", decode(path), capacity=8)
        drawn = stages.through("draw", (draw(frame) for frame in decoded), capacity=8)
        stages.start("encode", encode, drawn)

Whatever goes wrong first, in a thread or in the body of the `with`, stops all the others at their next
item, and is what the `with` raises once every thread has ended.
"""

from collections.abc import Callable, Generator
from contextlib import closing
from threading import Thread
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from workers.channel import Channel, Halt, HaltedError

T = TypeVar("T")
P = ParamSpec("P")


class Stages:
    """The threads of one pipeline. A context manager: none of them outlives it."""

    def __init__(self) -> None:
        self._halt = Halt()
        self._threads: list[Thread] = []
        self._error: BaseException | None = None

    def channel(self, *, capacity: int) -> Channel[T]:
        """Return a channel that gives up when anything goes wrong."""
        return Channel(self._halt, capacity=capacity)

    def through(self, name: str, items: Generator[T, None, None], *, capacity: int) -> Channel[T]:
        """Run a generator in a thread of its own; return the channel its items come through.

        The generator is closed in that thread, however things end.
        """
        channel: Channel[T] = self.channel(capacity=capacity)

        def run() -> None:
            with closing(items):
                channel.fill(items)

        self.start(name, run)
        return channel

    def start(self, name: str, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run a function in a thread of its own."""

        def run() -> None:
            try:
                function(*args, **kwargs)
            except HaltedError:
                pass
            except BaseException as error:  # noqa: BLE001  # not swallowed: raised again by the `with`
                self._fail(error)

        thread = Thread(target=run, name=name)
        self._threads.append(thread)
        thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._join()
        finally:
            self._halt.request()
            self._join()
        if self._error is not None and (error is None or isinstance(error, HaltedError)):
            raise self._error

    def _fail(self, error: BaseException) -> None:
        with self._halt.changed:
            self._error = self._error or error
            self._halt.request()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
