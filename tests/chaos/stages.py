"""Where in a job a fault strikes: each holds the first process that comes there."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from tests.chaos.arena import Arena
from tests.chaos.holding import Held
from tests.chaos.s3_proxy import Where

Stage = Callable[[Arena], AbstractContextManager[Held]]
REACHED_SECONDS = 120
"""Within which a job comes to its stage."""


def request(method: str, key: str) -> Stage:
    """Before the store hears of it."""
    return lambda arena: arena.door.hold(Where(method=method, key=key))


def answer(method: str, key: str) -> Stage:
    """After the store did it, and before anybody knows."""
    return lambda arena: arena.door.hold(Where(method=method, key=key), at="answer")


OF_A_CHUNK: dict[str, Stage] = {
    "begin": request("GET", r"detect/000001/done\.json"),
    "fetch": answer("GET", r"parts/000001"),
    "decode": lambda arena: arena.gate("decode"),
    "detect": lambda arena: arena.gate("detect"),
    "store": request("PUT", r"detect/000001/detections\.parquet"),
    "marker": request("PUT", r"detect/000001/done\.json"),
    "announce": answer("PUT", r"detect/000001/done\.json"),
    "acknowledge": lambda arena: arena.broker.hold(rb"HDEL.*unacked"),
}
OF_THE_LOG: dict[str, Stage] = {
    "read to track": answer("GET", r"detect/000001/detections\.parquet"),
    "write the log": request("PUT", r"result/summary\.json"),
    "mark the log": request("PUT", r"track/done\.json"),
}
OF_A_DRAWN_CHUNK: dict[str, Stage] = {
    "begin to render": request("GET", r"render/000001/done\.json"),
    "fetch to render": answer("GET", r"track/000001\.parquet"),
    "store the segment": request("PUT", r"render/000001/segment\.mp4"),
    "mark as rendered": request("PUT", r"render/000001/done\.json"),
    "announce as rendered": answer("PUT", r"render/000001/done\.json"),
}
OF_THE_VIDEO: dict[str, Stage] = {
    "read to assemble": answer("GET", r"render/000001/segment\.mp4"),
    "mark the result": request("PUT", r"result/job\.json"),
    "after the result": answer("PUT", r"result/job\.json"),
}
STAGES = {**OF_A_CHUNK, **OF_THE_LOG, **OF_A_DRAWN_CHUNK, **OF_THE_VIDEO}
