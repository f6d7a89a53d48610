"""Whatever somebody puts into the queues, a real worker outlives it and writes nothing of its own accord."""

import base64
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from api_client import Client, Settings
from api_client.queue.celery_app import TASK_QUEUES
from api_client.queue.connections import Connections
from api_client.queue.items import TASKS
from tests.clips import write_clip
from tests.fuzz.mutations import damaged, damaged_document
from tests.servers.worker import running_worker

QUEUE_OF = TASK_QUEUES
BY_PART = {task for stage, task in TASKS.items() if stage.is_by_part}
NOBODYS_JOB = "20260101-000000-nobodys"
BY_HAND: list[dict[str, Any]] = [
    {"job_id": NOBODYS_JOB, "index": 10**9},
    {"job_id": NOBODYS_JOB, "index": -1},
    {"job_id": "../../evil", "index": 0},
    {"job_id": "a\n2026 ERROR forged", "index": 0},
    {"job_id": ["a"], "index": {"b": 1}},
    {"job_id": NOBODYS_JOB, "index": 1e308},
    {"job_id": NOBODYS_JOB, "index": True},
    {"job_id": NOBODYS_JOB},
    {},
]


@pytest.fixture
def settings(broker_url: str, tmp_path: Path) -> Settings:
    return Settings.load(
        broker_url=broker_url,
        store_url=str(tmp_path / "store"),
        home=tmp_path / "home",
        allow_python_detectors=True,
        device="cpu",
        cpu_threads=1,
    )


@pytest.fixture
def queues(broker_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(broker_url) as connection:
        yield connection


def test_a_worker_outlives_some_damaged_messages(
    settings: Settings, queues: "redis.Redis", tmp_path: Path
) -> None:
    outlive(settings, queues, tmp_path, range(40))


@pytest.mark.fuzz
@pytest.mark.parametrize("start", range(40, 640, 100))
def test_a_worker_outlives_many_damaged_messages(
    settings: Settings, queues: "redis.Redis", tmp_path: Path, start: int
) -> None:
    outlive(settings, queues, tmp_path, range(start, start + 100))


def outlive(settings: Settings, queues: "redis.Redis", directory: Path, numbers: Iterable[int]) -> None:
    """Put damaged messages before a real job's; the job must complete, by the worker that read them all."""
    found = {task: intact_message(settings, queues, task) for task in QUEUE_OF}  # while queues are empty
    for task, intact in found.items():
        queues.lpush(
            QUEUE_OF[task], *handmade(intact), *(damaged_message(intact, number) for number in numbers)
        )
    clip = write_clip(directory / "squares.mp4", frames=6, gop=6)

    with Client(settings) as client, running_worker(settings) as worker:
        job_id = client.submit(clip, vocabulary="red", detector="python:tests.colour_detector:load")
        status = client.wait(job_id)
        assert worker.poll() is None

    assert status.state == "completed"
    store = Connections(settings).store
    assert {info.key.split("/")[1] for info in store.list("jobs/")} == {job_id}
    assert not [*directory.rglob("*evil*")]


def intact_message(settings: Settings, queues: "redis.Redis", task: str) -> dict[str, Any]:
    """What kombu puts into a queue for one task."""
    kwargs = {"job_id": NOBODYS_JOB} | ({"index": 0} if task in BY_PART else {})
    Connections(settings).app.send_task(task, kwargs=kwargs)
    message = queues.rpop(QUEUE_OF[task])
    assert isinstance(message, bytes)
    return dict(json.loads(message))


def handmade(intact: dict[str, Any]) -> list[bytes]:
    """Not messages at all, other content types, and keyword arguments that nobody would send."""
    others = [
        b"",
        b"not JSON",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 100_000,
        b"x" * 10_000_000,
    ]
    types = [
        intact | {"content-type": content_type, "body": base64.b64encode(body).decode()}
        for content_type, body in (
            ("application/x-python-serialize", b"cos\nsystem\n(S'touch evil'\ntR."),
            ("application/x-yaml", b"!!python/object/apply:os.system ['touch evil']"),
            ("application/data", b"\0"),
            ("nonsense", b"\0"),
        )
    ]
    calls = [with_body(intact, json.dumps([[], kwargs, {}]).encode()) for kwargs in BY_HAND]
    return others + [json.dumps(message).encode() for message in (*types, *calls)]


def damaged_message(intact: dict[str, Any], number: int) -> bytes:
    """Damage the envelope, what is in it, or the bytes."""
    kind = random.Random(number).randrange(4)
    if kind == 0:
        return damaged(json.dumps(intact).encode(), number)
    if kind == 1:
        return damaged_document(intact, number)
    body = base64.b64decode(intact["body"])
    if kind == 2:
        return json.dumps(with_body(intact, damaged(body, number))).encode()
    return json.dumps(with_body(intact, damaged_document(json.loads(body), number))).encode()


def with_body(message: dict[str, Any], body: bytes) -> dict[str, Any]:
    return message | {"body": base64.b64encode(body).decode()}
