"""The Celery application. `celery -A tasks.app worker -Q control` runs it; `workers.boot` adds processors."""

from functools import lru_cache

from api_client.queue.celery_app import make_app
from api_client.settings import Settings
from tasks import transport

_INCLUDED = tuple(
    f"tasks.{name}"
    for name in ("embed", "ask", "detect", "track", "render", "assemble", "received", "sweeping")
)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings, read when first asked for."""
    return Settings.load()


transport.install()
app = make_app(settings, include=_INCLUDED)
