"""What a message may say: anybody who reaches the broker can send one."""

import logging
from typing import TYPE_CHECKING

from api_client.contract.ids import checked_job_id
from api_client.errors import SettingsError

if TYPE_CHECKING:
    from celery import Task

logger = logging.getLogger(__name__)
_MOST_CHUNKS = 10_000_000


def checked_ids(job_id: object, index: object = 0) -> bool:
    """Whether a message names a job and a chunk that can exist; where not, say so: it is dropped."""
    is_index = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < _MOST_CHUNKS
    try:
        is_job = isinstance(job_id, str) and bool(checked_job_id(job_id))
    except SettingsError:
        is_job = False
    if not (is_job and is_index):
        logger.error("a message is dropped: it names job %.80r, chunk %.80r", job_id, index)
    return is_job and is_index


def is_redelivered(task: "Task") -> bool:
    """Whether the task's message was with a worker before, which was lost."""
    return bool((task.request.delivery_info or {}).get("redelivered"))
