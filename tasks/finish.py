"""The reduce task: a job whose chunks are all finished becomes a result."""

import logging

from api_client.celery_app import FINISH_JOB
from api_client.contract.ids import JobId
from api_client.errors import HoratioError, JobNotFoundError
from tasks.app import app
from tasks.connections import WorkerConnections, connections, manifest_of
from tasks.reduce import reduce_job
from tasks.reduce.job import fail_job

logger = logging.getLogger(__name__)


@app.task(name=FINISH_JOB)
def finish_job(*, job_id: JobId) -> None:
    """Reduce a job, or send back for what is missing. A finished job is left alone."""
    try:
        _finish(connections(), job_id)
    except JobNotFoundError as error:
        logger.warning("job %s: dropped: %s", job_id, error)


def _finish(to: WorkerConnections, job_id: JobId) -> None:
    files, state, manifest = to.files(job_id), to.state(job_id), manifest_of(job_id)
    if files.is_cancelled() or files.result() is not None:
        return
    if len(files.finished_chunks()) < len(manifest.chunks):  # Redis believed in a marker that is not there
        state.release_finishing()
        to.reconciler.reconcile(files, manifest)
        return
    attempts = state.count_attempt("finish")
    if attempts > to.settings.max_attempts:
        fail_job(files, manifest, "every worker that tried to put the result together died")
        return
    _attempt(to, job_id, attempts)


def _attempt(to: WorkerConnections, job_id: JobId, attempts: int) -> None:
    files, manifest = to.files(job_id), manifest_of(job_id)
    try:
        result = reduce_job(files, manifest)
        logger.info("job %s: %s: %d detections", job_id, result.state, result.detection_count)
    except Exception as error:
        permanent = isinstance(error, HoratioError) and not error.retryable
        logger.exception("job %s: reducing failed, attempt %d", job_id, attempts)
        if permanent or attempts >= to.settings.max_attempts:
            fail_job(files, manifest, f"the result could not be put together: {error}")
        else:
            to.dispatcher.finish(job_id)
        raise
