"""Requests that are not left half-way: what is undone after one must not be done after that."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
_MOST_SECONDS = 15.0


def uninterrupted(request: Callable[[], T]) -> T:
    """Do something in a thread, so that Ctrl-C and SIGTERM are raised once it has ended.

    A server may carry out a request whose connection is broken off, and do so after the request that was to
    undo it. A second interruption, or a server that does not answer for 15 s, ends the wait; the
    interruption then says so in a note.
    """
    future: Future[T] = Future()
    thread = Thread(target=_settle, args=(future, request), name="uninterrupted", daemon=True)
    try:
        thread.start()  # which waits until it runs, and may be interrupted too
        return future.result()
    except BaseException as error:
        if not future.done():
            wait([future], timeout=_MOST_SECONDS)
        if not future.done():
            error.add_note("the store has not answered, and may still do what it was asked to")
        raise


def _settle(future: "Future[T]", request: Callable[[], T]) -> None:
    try:
        future.set_result(request())
    except BaseException as error:  # noqa: BLE001  # raised where it is waited for
        future.set_exception(error)
