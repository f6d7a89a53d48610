"""The one place Celery is configured: for the client that sends, the workers that run, and Flower."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from api_client.contract.stages import Stage
from api_client.queue.broker import broker_url
from api_client.queue.items import QUEUES, TASKS
from api_client.settings import Settings

if TYPE_CHECKING:
    from celery import Celery

TASK_QUEUES = {TASKS[stage]: QUEUES[stage] for stage in Stage}
"""Celery's name of a task → its queue."""


def celery_config(settings: Settings) -> dict[str, Any]:
    """Celery's settings, each for the reason beside it."""
    visibility = settings.visibility_timeout_seconds
    return {
        "broker_url": broker_url(settings),
        "broker_transport_options": {
            # kombu never renews it, and the shortest among all processes on a broker wins
            "visibility_timeout": visibility,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
        # a broker that restarts is waited for, for ever
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # so is one that refuses commands: out of memory, a read-only replica, no disk for its log
        "broker_channel_error_retry": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_routes": {task: {"queue": queue} for task, queue in TASK_QUEUES.items()},
        "task_default_queue": QUEUES[Stage.TRACK],
        # at-least-once: a chunk leaves the queue when it is committed, or its worker is known to be lost
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_timeout": False,
        "task_time_limit": visibility - 60,
        # results are in the store
        "task_ignore_result": True,
        # a worker holds the chunk it works on, and no other
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # a child that loads torch and a model needs more than the default 4 s to report
        "worker_proc_alive_timeout": 300.0,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        # what Flower shows
        "worker_send_task_events": True,
        "task_send_sent_event": True,
        "task_track_started": True,
    }


def make_app(settings: Callable[[], Settings], *, include: Sequence[str] = ()) -> "Celery":
    """Return a Celery application, which asks for its settings when first used and connects to nothing."""
    from celery import Celery  # deferred: `import api_client` loads no Celery

    app = Celery("horatio", set_as_current=False, include=include)
    app.add_defaults(lambda: celery_config(settings()))
    return app
