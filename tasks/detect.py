"""The detect task: one chunk, from its message to its commit marker."""

import logging

from api_client.celery_app import DETECT_CHUNK
from api_client.contract.ids import JobId
from api_client.errors import HoratioError, JobCancelledError, JobNotFoundError, WorkerStoppingError
from tasks.app import app
from tasks.chunk import commit, give_up, process
from tasks.connections import WorkerConnections, connections

logger = logging.getLogger(__name__)


@app.task(name=DETECT_CHUNK)
def detect_chunk(*, job_id: JobId, index: int) -> None:
    """Detect in one chunk. Delivered at least once; its result is stored exactly once."""
    try:
        _run(connections(), job_id, index)
    except JobNotFoundError as error:
        logger.warning("job %s chunk %d: dropped: %s", job_id, index, error)
        connections().state(job_id).settle(index)


def _run(to: WorkerConnections, job_id: JobId, index: int) -> None:
    files, state = to.files(job_id), to.state(job_id)
    if files.is_cancelled():
        return state.settle(index)
    if files.chunk_marker(index) is not None:  # a duplicate: the work is done, its announcement may not be
        return commit(to, job_id, index)
    attempts = state.count_attempt(index)
    if attempts > to.settings.max_attempts:
        return give_up(to, job_id, index, attempts - 1, "every worker that tried it died")
    return _attempt(to, job_id, index, attempts)


def _attempt(to: WorkerConnections, job_id: JobId, index: int, attempts: int) -> None:
    """Process the chunk; every way it can end, in the order of how often it happens."""
    try:
        marker = process(to, job_id, index, attempts)
    except JobCancelledError:
        to.state(job_id).settle(index)
    except JobNotFoundError:
        raise
    except WorkerStoppingError as stopping:
        logger.info("job %s chunk %d: %s", job_id, index, stopping)
        _give_back(to, job_id, index)
    except HoratioError as error:
        if error.retryable:
            _give_back(to, job_id, index)
        else:
            give_up(to, job_id, index, attempts, str(error))
    except Exception as error:
        logger.exception("job %s chunk %d: attempt %d failed", job_id, index, attempts)
        if attempts >= to.settings.max_attempts:
            give_up(to, job_id, index, attempts, f"{type(error).__name__}: {error}")
        else:
            to.dispatcher.detect(job_id, [index])
        raise
    else:
        commit(to, job_id, index, marker)


def _give_back(to: WorkerConnections, job_id: JobId, index: int) -> None:
    """Enqueue the chunk again: it was not to blame."""
    to.state(job_id).uncount_attempt(index)
    to.dispatcher.detect(job_id, [index])
