"""What is no message ends no worker."""

import json
from collections.abc import Iterator

import kombu
import pytest
import redis

from tasks.transport import DEAD_LETTERS, RobustTransport

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
