"""The Celery application. `celery -A tasks.app worker -Q control` reduces; `workers.boot` also detects."""

from functools import lru_cache

from api_client.queue.celery_app import make_app
from api_client.settings import Settings
from tasks import transport


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings, read when first asked for."""
    return Settings.load()


transport.install()
app = make_app(settings, include=("tasks.detect", "tasks.finish", "tasks.received", "tasks.sweeping"))
