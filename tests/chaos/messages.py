"""Sending what a client, a worker or the schedule would send."""

from api_client.queue.celery_app import make_app
from tests.chaos.arena import Arena


def send(arena: Arena, task: str, **arguments: object) -> None:
    """Put a message for a task into its queue."""
    with make_app(lambda: arena.settings) as app:
        app.send_task(task, kwargs=arguments)
