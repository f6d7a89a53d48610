"""Where in a job a fault strikes: each holds the first process that comes there."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from tests.chaos.arena import Arena
from tests.chaos.holding import Held
from tests.chaos.s3_proxy import Where

Stage = Callable[[Arena], AbstractContextManager[Held]]
REACHED_SECONDS = 45
"""Within which a job comes to its stage."""


def request(method: str, key: str) -> Stage:
    """Before the store hears of it."""
    return lambda arena: arena.door.hold(Where(method=method, key=key))


def answer(method: str, key: str) -> Stage:
    """After the store did it, and before anybody knows."""
    return lambda arena: arena.door.hold(Where(method=method, key=key), at="answer")


OF_A_CHUNK: dict[str, Stage] = {
    "begin": request("GET", r"chunks/000001/done\.json"),
    "fetch": answer("GET", r"input/000001\.mp4"),
    "decode": lambda arena: arena.gate("decode"),
    "detect": lambda arena: arena.gate("detect"),
    "store": request("PUT", r"chunks/000001/segment\.mp4"),
    "marker": request("PUT", r"chunks/000001/done\.json"),
    "announce": answer("PUT", r"chunks/000001/done\.json"),
    "acknowledge": lambda arena: arena.broker.hold(rb"HDEL.*unacked"),
}
OF_THE_REDUCER: dict[str, Stage] = {
    "read to reduce": answer("GET", r"chunks/000001/segment\.mp4"),
    "write the result": request("PUT", r"result/summary\.json"),
    "mark the result": request("PUT", r"result/job\.json"),
    "after the result": answer("PUT", r"result/job\.json"),
}
STAGES = {**OF_A_CHUNK, **OF_THE_REDUCER}
