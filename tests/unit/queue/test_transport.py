"""What is no message ends no worker."""

import base64
import json
import logging
from collections.abc import Iterator

import kombu
import pytest
import redis

from api_client.queue.celery_app import make_app
from api_client.settings import Settings
from tasks.transport import DEAD_LETTERS, RobustTransport, is_task

RUBBISH = [
    b"not json",
    b"\xff\xfe\x00",
    b"",
    b"42",
    b"[1, 2]",
    b"null",
    b"{}",
    json.dumps({"body": "e30=", "headers": {}, "properties": {"delivery_tag": 1}}).encode(),
    json.dumps({"body": "e30=", "headers": None, "properties": {}}).encode(),
    b"[" * 100_000,
    json.dumps(
        {
            "body": "e30=",
            "headers": {},
            "properties": {"delivery_tag": "1", "delivery_info": {}, "body_encoding": "bas%64"},
        }
    ).encode(),
]


@pytest.fixture
def connection(broker_url: str) -> Iterator[kombu.Connection]:
    with kombu.Connection(broker_url, transport=RobustTransport) as connection:
        yield connection


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_in_a_queue_is_put_aside_and_the_next_message_is_read(
    connection: kombu.Connection, broker_url: str, rubbish: bytes
) -> None:
    plain = redis.Redis.from_url(broker_url.replace("redis+socket://", "unix://"))
    plain.rpush("letters", rubbish)  # the end that is read first
    queue = connection.SimpleQueue("letters")
    queue.put({"real": True})

    message = queue.get(timeout=5)
    message.ack()

    assert message.payload == {"real": True}
    assert plain.llen(DEAD_LETTERS) == 1
    queue.close()


@pytest.mark.parametrize(
    "change",
    [
        {"content-type": "application/data"},
        {"content-type": "application/x-python-serialize"},
        {"content-encoding": "nonsense"},
        {"body": "AA=="},
        {"body": base64.b64encode(b"[[], {}]").decode()},
        {"body": base64.b64encode(b"[{}, [], {}]").decode()},
        {"headers": {"task": ["a"], "id": "1"}},
        {"headers": {}},
        {"headers": {"task": "a", "id": "1", "timelimit": [[0], 0]}},
        {"headers": {"task": "a", "id": "1", "eta": 1}},
        {"headers": {"task": "a", "id": "1", "retries": "x"}},
    ],
)
def test_what_no_task_could_unpack_is_no_task(change: dict[str, object]) -> None:
    intact = {
        "body": base64.b64encode(b"[[], {}, {}]").decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"task": "horatio.detect", "id": "1"},
    }

    assert is_task(intact)
    assert not is_task(intact | change)


def test_what_workers_and_clients_send_is_a_task(broker_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's own messages carry the time limit of its tasks."""
    monkeypatch.setenv("HORATIO_BROKER_URL", broker_url)
    app = make_app(lambda: Settings.load(broker_url=broker_url))
    plain = redis.Redis.from_url(broker_url.replace("redis+socket://", "unix://"))

    app.send_task("horatio.detect", kwargs={"job_id": "job", "index": 0})
    app.send_task("horatio.detect", kwargs={"job_id": "job", "index": 0}, time_limit=3540)

    assert [is_task(json.loads(message)) for message in plain.lrange("detect", 0, -1)] == [True, True]


def test_a_worker_that_cannot_acknowledge_takes_the_next_message(
    connection: kombu.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery swallows the error of the connection; what is held must not be counted as held for ever."""
    queue = connection.SimpleQueue("letters")
    queue.consumer.qos(prefetch_count=1)
    for number in range(2):
        queue.put({"number": number})
    first = queue.get(timeout=5)

    with monkeypatch.context() as patch:
        patch.setattr(redis.client.Pipeline, "execute", broken)
        first.ack_log_error(logging.getLogger(), connection.connection_errors)

    second = queue.get(timeout=5)
    second.ack()
    assert (first.payload, second.payload) == ({"number": 0}, {"number": 1})
    queue.close()


def broken(*_: object, **__: object) -> None:
    raise redis.ConnectionError("broken")
