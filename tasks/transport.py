"""kombu's Redis transport, which survives what is no message.

kombu parses whatever it pops from a queue and lets the parser's error end the worker. Here such an item is
put aside in `horatio:dead-letters`, for people, and the worker goes on.
"""

import base64
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

import redis
from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.transport.redis import Channel, QoS, Transport

from api_client.queue.celery_app import TASK_QUEUES

logger = logging.getLogger(__name__)
DEAD_LETTERS = "horatio:dead-letters"
_MOST_KEPT = 100
_ACK_ATTEMPTS = 3
_MOST_CHARACTERS = 1000
_BODY_ENCODINGS = (None, "utf-8", "base64")
"""That kombu can read; of another it asks nobody's method, which ends the worker."""


class RobustQoS(QoS):
    """Notes which messages this worker holds.

    Celery logs an acknowledgement that met a broken connection and goes on, but kombu would count the message
    as held for ever: a worker that holds one message at a time took no other. Here it is let go of whatever
    happens. Redis gives it out once more after the visibility timeout, and whoever gets it finds it done.
    """

    def ack(self, delivery_tag: str) -> None:
        """Let go of a message that is done with."""
        self._tried(lambda: self._remove_from_indices(delivery_tag).execute())
        virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Let go of a message; `requeue` puts it back first."""
        if requeue:
            self._tried(lambda: self.restore_by_tag(delivery_tag, leftmost=True))
        else:
            self._tried(lambda: self._remove_from_indices(delivery_tag).execute())
        virtual.QoS.ack(self, delivery_tag)

    def _tried(self, call: Callable[[], object]) -> None:
        for attempt in range(1, _ACK_ATTEMPTS + 1):
            try:
                call()
            except (redis.RedisError, OSError) as error:
                logger.warning("a message cannot be acknowledged, attempt %d: %s", attempt, error)
            else:
                return


class RobustChannel(Channel):
    """Reads queues."""

    QoS = RobustQoS

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except (ValueError, RecursionError) as error:  # a JSONDecodeError has what it could not read as `doc`
            text = getattr(error, "doc", None) or getattr(error, "object", None)
            put_aside(self.client, text or "", str(error))
            return None


class RobustTransport(Transport):
    """Hands messages to their queue's consumer."""

    Channel = RobustChannel

    def _deliver(self, message: Any, queue: str) -> None:
        if is_message(message) and (queue not in TASK_QUEUES.values() or is_task(message)):
            super()._deliver(message, queue)
        else:
            put_aside(self._used_channel().client, repr(message), "no message")

    def _used_channel(self) -> Any:
        return self.channels[0]


def is_message(message: object) -> bool:
    """Whether it has the shape that kombu takes for granted."""
    if not isinstance(message, Mapping) or not isinstance(message.get("body"), str):
        return False
    properties = message.get("properties")
    return (
        isinstance(message.get("headers"), Mapping)
        and isinstance(properties, Mapping)
        and isinstance(properties.get("delivery_tag"), str)
        and isinstance(properties.get("delivery_info"), Mapping)
        and properties.get("body_encoding") in _BODY_ENCODINGS
    )


def is_task(message: Mapping[str, Any]) -> bool:
    """Whether Celery can unpack it. Its own error would leave the message taken, and the worker idle."""
    headers = message["headers"]
    return (
        isinstance(headers.get("task"), str)
        and isinstance(headers.get("id"), str)
        and _are_limits(headers.get("timelimit"))
        and headers.get("eta") is None
        and headers.get("expires") is None
        and isinstance(headers.get("retries", 0), int)
        and message.get("content-type") == "application/json"
        and message.get("content-encoding") == "utf-8"
        and _is_call(message["body"])
    )


def _are_limits(limits: object) -> bool:
    """Whether the time limits can be limits: Celery adds them up in the pool's parent, and ends by others."""
    if limits is None:
        return True
    if not isinstance(limits, list) or len(limits) != 2:
        return False
    return all(limit is None or type(limit) in (int, float) for limit in limits)


def _is_call(body: str) -> bool:
    """Whether a body is positional arguments, keyword arguments and embedded tasks."""
    try:
        call = json.loads(base64.b64decode(body, validate=True))
    except (ValueError, RecursionError):
        return False
    kinds = (list, dict, dict)
    return isinstance(call, list) and len(call) == 3 and all(map(isinstance, call, kinds))


def put_aside(connection: Any, content: str | bytes, why: str) -> None:
    """Keep the beginning of what was found in a queue, and say so."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    logger.error("something in the queue is no message (%s) and is put aside: %.80r", why, text)
    with connection.pipeline() as pipe:
        pipe.lpush(DEAD_LETTERS, text[:_MOST_CHARACTERS])
        pipe.ltrim(DEAD_LETTERS, 0, _MOST_KEPT - 1)
        pipe.execute()


def install() -> None:
    """Have every consumer of this process use it: kombu finds its transports by these names."""
    for name in ("redis", "rediss"):
        TRANSPORT_ALIASES[name] = f"{__name__}:{RobustTransport.__name__}"
