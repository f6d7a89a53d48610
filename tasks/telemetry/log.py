"""Logs of workers: each line says which job and chunk it is about, for people or as JSON."""

import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from api_client.settings import Settings

_TEXT = "%(asctime)s %(levelname)s %(processName)s %(name)s%(about)s: %(message)s"
_SUBJECT = re.compile(r"(?:chunk (?P<chunk>\d+) of )?job (?P<job>\S+)")
"""As `api_client.queue.dispatch` describes its messages."""

_task: dict[str, Any] = {}
"""The arguments of the task this process is at: a pool's child does one at a time, in many threads."""


def begin_task(arguments: Mapping[str, Any]) -> None:
    """From here on, lines of this process are about this task."""
    _task.clear()
    _task.update(arguments)


def end_task() -> None:
    """From here on they are not."""
    _task.clear()


class AboutJob(logging.Filter):
    """Gives every record `job` and `chunk`, None where it is about neither, and `about` for people."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never refuse a record."""
        job, chunk = _subject(record)
        known = [(name, value) for name, value in (("job", job), ("chunk", chunk)) if value is not None]
        record.about = f" [{' '.join(f'{name} {value}' for name, value in known)}]" if known else ""
        vars(record).update(job=job, chunk=chunk)
        return True


def _subject(record: logging.LogRecord) -> tuple[str | None, int | None]:
    if "job_id" in _task:
        return _task["job_id"], _task.get("index")
    # the parent of the pool knows a task by its message, whose description is in Celery's own lines
    described = record.args.get("kwargs", "") if isinstance(record.args, Mapping) else ""
    found = _SUBJECT.fullmatch(str(described))
    if found is None:
        return None, None
    return found["job"], int(found["chunk"]) if found["chunk"] else None


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record, its traceback included."""
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{record.msecs:03.0f}Z",
            "level": record.levelname,
            "logger": record.name,
            "process": record.processName,
            "job": getattr(record, "job", None),
            "chunk": getattr(record, "chunk", None),
            "message": record.getMessage(),
            "traceback": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None})


def set_up_logging(settings: Settings) -> None:
    """Let this process and those it forks log to the standard error."""
    handler = logging.StreamHandler()
    handler.addFilter(AboutJob())
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else logging.Formatter(_TEXT))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
