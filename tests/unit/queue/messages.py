"""Reading what is queued, without a worker."""

import base64
import json

from api_client.queue.connections import Connections


def queued(connections: Connections, queue: str) -> list[tuple[str, int | None]]:
    """(job, chunk) of every message in a queue, oldest first."""
    messages = reversed(connections.redis.lrange(queue, 0, -1))
    return [_ids(json.loads(message)) for message in messages]


def _ids(message: dict[str, str]) -> tuple[str, int | None]:
    _args, kwargs, _embed = json.loads(base64.b64decode(message["body"]))
    return kwargs["job_id"], kwargs.get("index")
